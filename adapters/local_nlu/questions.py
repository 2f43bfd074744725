"""Whether somebody asks to be told something."""

import re

_QUESTION = re.compile(
    r"""(?: .*[?？]\s*$
        | .*(?:吗|么|呢)[\s。.!！~]*$
        | (?:这样)?(?:都)?(?:对|是|没错|没问题|正确|是这样)吧[\s。.!！~]*$
        | (?:请问|那|那么|我想知道|想问一下|问一下|想知道|告诉我)?\s*
          (?:什么是|什么叫|啥是|啥叫|为什么|为啥|怎么|怎样|如何|谁|哪里|哪儿|哪个|哪些|哪家|几点|多少|多久|多大|多长
            |是不是|能不能|可不可以|有没有|要不要|会不会)
        | .*
          (?:是什么|是啥|什么意思|怎么样|怎么办|怎么回事|为什么|是谁|在哪|在哪里|在哪儿|多少钱|有哪些|有多远|有多长
            |能不能|可不可以|行不行|好不好|够不够|多久|多少)
          [\s。.!！~]*$
        | (?:so\s+|and\s+|please\s+)?(?:what|what's|whats|who|who's|whose|whom|where|where's|when|why|which|how|how's)\b
        | (?:tell\s+me|do\s+you\s+know|i\s+wonder|can\s+you\s+tell\s+me|explain)
          \s+(?:what|who|where|when|why|which|how|if|whether|about)\b
        | (?:is|are|was|were|does|did)\s+[a-z]
        | (?:has|have|will)\s+(?:it|there|this|that|they|he|she|you|the|a|an|my|your|i|we)\b
        | do\s+(?:you|they|i|we)\b
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_question(text: str) -> bool:
    """By its ending or its opening; a request in the form of a question (能帮我订票吗) counts as one too."""
    return _QUESTION.match(text[:400].strip()) is not None
