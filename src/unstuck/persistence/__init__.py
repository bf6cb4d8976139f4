"""Files: a JSON header and arrays in one safetensors file, written whole or not at all."""
