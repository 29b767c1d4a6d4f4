"""A provider for servers that speak OpenAI's chat completions."""
