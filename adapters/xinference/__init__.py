"""Models behind Xinference, or another server that speaks OpenAI's protocol (vLLM, Ollama, llama.cpp)."""
