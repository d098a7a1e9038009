import platform


def main(name: str = "world"):
    print(f"saying hello to {name}")
    return {"greeting": f"Hello, {name}!", "python": platform.python_version()}
