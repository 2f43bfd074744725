"""Makes a chat model and an embedding model with random weights, small enough to be started anywhere.

What they say means nothing; how a server wraps it is real. Run by the Python that Xinference is installed for:
`python tiny_model.py FOLDER`. Into FOLDER go `chat` and `embedding`, and beside each the JSON that registers it.
"""

import json
import sys
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules as parts
from tokenizers import Tokenizer, decoders, models
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

PADDING, BEGIN, END, UNKNOWN = "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|unknown|>"
CHARACTERS = (
    '\n {}[]":,.?!0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ，。？！：「」'
    "我你他们想要订买查改取消一二三四五六七八九十张去从到北京上海广州机票火车酒店银行卡余额天气今明后请问好的是不"
)
TEMPLATE = (
    f"{{% for message in messages %}}{{{{ '{BEGIN}' + message['role'] + '\\n' + message['content'] + '{END}\\n' }}}}"
    f"{{% endfor %}}{{% if add_generation_prompt %}}{{{{ '{BEGIN}assistant\\n' }}}}{{% endif %}}"
)
CONTEXT, DIMENSIONS, WORDS_AN_ANSWER = 4096, 64, 12


def tokenizer(*, padding_side: str) -> PreTrainedTokenizerFast:
    """One character, one token, so that no piece of a stream is half a character; unknown ones in a row are one."""
    words = [UNKNOWN, PADDING, BEGIN, *dict.fromkeys(CHARACTERS), END]
    vocabulary = {word: number for number, word in enumerate(words)}
    spelling = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token=UNKNOWN, fuse_unk=True))
    spelling.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=spelling, eos_token=END, pad_token=PADDING, unk_token=UNKNOWN,
        additional_special_tokens=[BEGIN], padding_side=padding_side, chat_template=TEMPLATE,
    )  # fmt: skip


def chat_model(words: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    """Two random layers, and weights that let each answer end: a token's likely successor is one further on.

    Three of the dimensions tell where in the vocabulary the last token is; the score of a successor falls with the
    square of its distance from a certain step ahead, and the vocabulary's last token ends the answer. The others are
    random, and what came before goes into them.
    """
    count = len(words)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=count, hidden_size=DIMENSIONS, intermediate_size=128, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=CONTEXT, tie_word_embeddings=False,
            eos_token_id=words.eos_token_id, pad_token_id=words.pad_token_id, bos_token_id=None,
        )
    )  # fmt: skip
    place, step = torch.arange(count) / count, 1 / WORDS_AN_ANSWER
    place[-1] = 1 + step  # far enough from the last words not to be outdone by them
    ahead = place + step
    with torch.no_grad():
        model.model.embed_tokens.weight.normal_(0, 0.3)
        model.model.embed_tokens.weight[:, :3] = torch.stack((ahead, torch.ones(count), ahead**2), 1)
        model.lm_head.weight.normal_(0, 0.01)
        model.lm_head.weight[:, :3] = 60 * torch.stack((2 * place, -(place**2), -torch.ones(count)), 1)
        for layer in model.model.layers:
            layer.self_attn.v_proj.weight.normal_(0, 0.1)
            layer.self_attn.o_proj.weight.normal_(0, 0.1)
            layer.self_attn.o_proj.weight[:3] = layer.mlp.down_proj.weight[:3] = 0
    return model


def embedding_model(words: PreTrainedTokenizerFast, folder: Path) -> SentenceTransformer:
    """Two random layers and the mean of what they make of the tokens."""
    layers = BertModel(
        BertConfig(
            vocab_size=len(words), hidden_size=DIMENSIONS, intermediate_size=128, num_hidden_layers=2,
            num_attention_heads=4, max_position_embeddings=CONTEXT, pad_token_id=words.pad_token_id,
        )
    )  # fmt: skip
    layers.save_pretrained(folder)
    words.save_pretrained(folder)
    transformer = parts.Transformer(str(folder), max_seq_length=1024)
    return SentenceTransformer(modules=[transformer, parts.Pooling(DIMENSIONS), parts.Normalize()], device="cpu")


def chat_registration(words: PreTrainedTokenizerFast, folder: Path) -> dict[str, object]:
    """What Xinference has to know of the chat model."""
    specification = {"model_format": "pytorch", "model_size_in_billions": "0_5", "quantization": "none"}
    return {
        "version": 2, "model_name": "tiny-chat", "model_description": "random", "model_lang": ["en", "zh"],
        "context_length": CONTEXT, "model_ability": ["chat"], "model_family": "qwen2.5-instruct",
        "architectures": ["Qwen2ForCausalLM"], "chat_template": TEMPLATE, "stop": [END], "is_builtin": False,
        "stop_token_ids": [words.eos_token_id],
        "model_specs": [{**specification, "model_id": None, "model_uri": folder.as_uri()}],
    }  # fmt: skip


def embedding_registration(folder: Path) -> dict[str, object]:
    """What Xinference has to know of the embedding model."""
    specification = {"model_format": "pytorch", "quantization": "none", "model_id": None}
    return {
        "version": 2, "model_name": "tiny-embedding", "dimensions": DIMENSIONS, "max_tokens": 1024,
        "language": ["en", "zh"], "is_builtin": False,
        "model_specs": [{**specification, "model_uri": folder.as_uri()}],
    }  # fmt: skip


def main(folder: Path) -> None:
    """Make both."""
    torch.manual_seed(7)
    chat, embedding = folder / "chat", folder / "embedding"
    words = tokenizer(padding_side="left")
    words.save_pretrained(chat)
    chat_model(words).save_pretrained(chat)
    embedding_model(tokenizer(padding_side="right"), embedding).save(str(embedding))
    for name, registration in (
        ("chat", chat_registration(words, chat)),
        ("embedding", embedding_registration(embedding)),
    ):
        (folder / f"{name}.json").write_text(json.dumps(registration, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
