"""Turns a file into a C source that holds its bytes.

usage: embed.py FILE NAME OUTPUT    defines `const unsigned char NAME[]` and `const size_t NAME_size`
"""
import sys

path, name, output = sys.argv[1:]
with open(path, 'rb') as file:
    content = file.read()
rows = [', '.join(map(str, content[i:i + 24])) for i in range(0, len(content), 24)]
with open(output, 'w') as file:
    file.write('#include "jobs/embedded.h"\n')
    file.write(f'const unsigned char {name}[] = {{\n' + ',\n'.join(rows) + ',\n};\n')
    file.write(f'const size_t {name}_size = sizeof({name});\n')
