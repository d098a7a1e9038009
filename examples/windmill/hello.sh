# The last line printed is the result.
name="$1"
echo "saying hello to $name"
echo "Hello, $name!"
