"""What people say to steer a conversation, as grammars over one whole clause.

Each entry is a regular expression that must match all of a clause: lower case, without the fillers and modal
particles at its edges, every value found in it written as `V`. Nothing here is ever looked for inside other words.
"""

from typing import Final

from domain.dialogue.understanding import CueKind

_DO: Final = "(?:订|定|买|办|查|转|改|弄|要|用|看|搞|预订|预定|购买|办理|查询|转账|下单|提交)"
_EARLIER: Final = "(?:刚才|刚刚|之前|上次|上一个|原来|前面|先前|上面)"
_TASK: Final = "(?:票|酒店|房间|余额|转账|密码|预订|预定|业务|任务|流程|办理|操作|订单|话题)"
_IT: Final = "(?:这个|那个|它|这些|这次的?|本次|当前的?|刚才的?|刚刚的?)"

CUES: Final[tuple[tuple[CueKind, tuple[str, ...]], ...]] = (
    (
        "person",
        (
            r"(?:我(?:要|想)|帮我|给我|能不能|可以|直接)*(?:转|找|接|换|要|联系|呼叫|转接|换成)?(?:一下|下|个|到|接)?"
            r"(?:人工|真人|客服|人工客服|人工服务|真人客服|客服人员|人工坐席|活人)(?:客服|服务|坐席|来)?(?:处理|说话|聊)?",
            r"(?:有|有没有|是不是有)(?:人工|真人|客服)(?:客服|服务)?(?:吗)?",
            r"(?:can i |could i |may i |let me |i want to |i'd like to |i need to )?(?:talk|speak|chat) (?:to|with) "
            r"(?:a |an |the |some)?(?:real |human |live |actual )?"
            r"(?:person|agent|human|operator|representative|one|body|somebody|someone|staff)",
            r"(?:i want |i need |get me |give me )?(?:a |an |the )?(?:real |human |live )?"
            r"(?:person|agent|human|operator|representative|customer service|customer support)",
            r"(?:connect|transfer|put) me (?:to|with|through to) (?:a |an |the |some)?(?:real |human |live )?"
            r"(?:person|agent|human|operator|representative|one|body|customer service|customer support)",
        ),
    ),
    (
        "postpone",
        (
            r"(?:我|让我|容我)?(?:还是|还要|需要|得|要|想)?(?:再|先)?(?:想想|想一想|想一下|考虑考虑|考虑一下|考虑下|考虑|琢磨琢磨)(?:再说)?",
            r"我?再(?:看看|说)",
            r"(?:以后|回头|晚点|晚些|稍后|待会儿?|等会儿?|一会儿?|改天|过会儿?|过几天|过两天|下次|有空|明天|到时候?|V)再?"
            rf"(?:说|来|聊|谈|{_DO})",
            r"(?:以后|回头|晚点|晚些|稍后|待会儿?|等会儿?|一会儿?|改天|过会儿?|下次|等一?下)再(?:确认|决定|定|看)(?:吧)?",
            r"(?:让|等|容)?我?(?:先|再)?(?:确认|核对|核实|看|查|问|商量|研究)(?:看|一下|下)?再(?:说|确认|决定|定)",
            r"(?:先)?(?:放着|放一放|放一下|缓缓|缓一缓|搁着)",
            rf"(?:暂时|目前|现在|我)?(?:先|暂)(?:不|别){_DO}了?",
            rf"暂时不{_DO}了?",
            r"下次|改天|以后",
            r"maybe (?:later|another time|next time|tomorrow)|later|not (?:right )?now|"
            r"(?:another|some other|next) time",
            r"(?:let me|i need to|i'll|i will|i have to|i want to) think(?: about (?:it|this|that)| it over| again)?"
            r"(?: first)?",
            r"(?:i'll|i will|let me|let's|can we|can i) "
            r"(?:do|finish|continue|come back|come back to|get back to|decide)(?: it| this| that| you)? later",
            r"(?:save|keep|leave|park) (?:it|this|that) (?:for later|for now)",
        ),
    ),
    (
        "cancel",
        (
            r"(?:还是|那还是|那就)?(?:算了)+",
            rf"(?:帮我|我要|我想|给我|请|确认)?(?:取消|撤销|撤回)(?:掉|了|{_IT}|操作|订票|预订|预定|办理|任务|本次操作|吧)?",
            rf"(?:我|那|还是|就|也|都|现在)*不(?:想|要|用|打算|准备|需要)?(?:再)?{_DO}[^V]{{0,4}}了",
            r"(?:我|那我|那)?(?:都)?不(?:需要|用|想要|想|要)了",
            r"(?:我)?不(?:需要|想要)(?:这个|这项|这些|任何|你的)?(?:服务|业务|帮助|东西)?了?",
            rf"(?:我)?(?:不想|不打算|不准备){_DO}了?",
            rf"别{_DO}了",
            r"放弃|退出|终止|中止|停止|停下|作废",
            r"cancel(?: (?:it|that|this|everything|the (?:booking|order|request|whole thing)|my (?:booking|request)))?",
            r"(?:i (?:want|would like|'d like) to|i'd like to|let's|can you|could you) cancel(?: (?:it|that|this))?",
            r"never ?mind|forget (?:it|about it|that)|stop(?: it)?|quit|exit|abort|drop it|scrap (?:it|that)",
            r"no,? thanks|no,? thank you|no need",
            r"i (?:don't|do not|no longer) (?:want|need) (?:it|this|that|one|to (?:book|buy|order|go|do it|do this))?"
            r"(?: any ?more)?",
            r"i(?: have|'ve)? changed my mind",
        ),
    ),
    (
        "hold",
        (
            r"等等|等一下|等一等|等下|等会儿?|稍等|稍等一下|稍等片刻|稍等会儿?|稍候|慢着|且慢|先等等|先等一下|你?等我一下|等我一会儿?",
            r"(?:等|让|容)我(?:先|再)?(?:确认|核对|核实|检查|看)(?:看|一下|下|一遍)?|我看(?:看|一下|下)|"
            r"我(?:先|再)?(?:确认|核对|核实|检查)(?:一下|下|一遍)|(?:先)?(?:不急|不着急|别急|别着急)",
            r"(?:wait )?let me (?:just )?(?:check|see|look|confirm|verify)(?: (?:it|that|this|first|again|something))*",
            r"(?:please )?(?:hold on|wait|hang on)(?: (?:a|one) (?:minute|second|moment|sec|bit|min))?",
            r"(?:just )?(?:a|one) (?:moment|second|sec|minute|min)|give me a (?:second|moment|minute|sec|min)",
        ),
    ),
    (
        "repeat",
        (
            r"(?:你|请|能不能|可以|麻烦)*再(?:说|讲|问|念|重复)(?:一遍|一次|一下)(?:吗|好吗)?|(?:请)?重复(?:一遍|一下|一次)?",
            r"(?:这|你|那)?(?:是)?(?:什么|啥|几个)意思|(?:我)?(?:没|没有|不)(?:听清楚?|听懂|看懂|听明白|看清楚?|明白|太明白|懂|太懂|理解)",
            r"(?:你)?(?:刚才|刚刚)?(?:说|问)(?:的)?(?:是)?(?:什么|啥)(?:来着)?|什么|啥|纳尼",
            r"(?:can you |could you |please )?(?:say|repeat)(?: that| it| the question)?(?: again| once more)?",
            r"(?:i beg your )?pardon(?: me)?|come again|what(?: do you mean| did you say| was that)?",
            r"(?:sorry )?i (?:don't|do not|didn't|did not) "
            r"(?:understand|get it|get that|catch that|hear that|hear you|follow)",
        ),
    ),
    (
        "skip",
        (
            r"(?:先)?(?:跳过|略过|跳过去|跳过吧|跳过这个|不填|不填了|空着|留空)|(?:用|选|就)?默认(?:的|值)?(?:就行|就好|即可)?",
            r"(?:我)?(?:随便|随意|任意|无所谓|不限|不挑|都行|都可以|都好|都成|均可)(?:哪个|什么|一个)?|(?:哪|什么|哪个|怎么)(?:个|种|样)?都(?:行|可以|好|成)",
            r"(?:我)?(?:没|没有|暂时没有|无)(?:了|特别)?(?:什么)?(?:特别)?(?:的)?(?:要求|需求|偏好)?|(?:我)?(?:不知道|不清楚|忘了|不记得|不记得了)",
            r"(?:你|您)(?:看着|来|帮我)?(?:决定|定|选|办|安排)",
            r"skip(?: (?:it|this|that|this one))?|whatever|any|anything|"
            r"any(?:thing)? (?:is|will be) (?:fine|ok|okay)|any will do",
            r"(?:it )?(?:doesn't|does not) matter|i (?:don't|do not) (?:care|mind|know)|no preference|none|nothing|"
            r"n/?a|default",
            r"(?:it's )?up to you|you (?:decide|choose|pick)|either(?: one| is fine)?|not applicable",
        ),
    ),
    (
        "resume",
        (
            rf"(?:我(?:要|想)|还是|那|那就|我们|咱们|好|先|请)*(?:继续|接着)"
            rf"(?:(?:帮我|给我)?{_DO}[^V]{{0,6}}|修改[^V]{{0,6}}|{_EARLIER}[^V]{{0,6}}|[^V]{{0,4}}{_TASK}|来|说|吧|下去|做)?",
            rf"(?:我们|咱们|还是|再|先)*(?:回到|返回|回去|说回|接回)"
            rf"(?:{_EARLIER}[^V]{{0,6}}|(?:那个)?{_DO}[^V]{{0,6}}|[^V]{{0,4}}{_TASK})?",
            rf"{_EARLIER}(?:的|那个)[^V]{{0,6}}(?:继续|接着)(?:{_DO})?[^V]{{0,3}}",
            r"(?:let's |please |can we |i want to |i'd like to )*(?:continue|resume|carry on|go on|keep going|proceed)"
            r"(?: (?:with|on|booking|to|the|my|that|our|previous|last|earlier|where) ?[^V]{0,30})?",
            r"(?:let's |please |can we |i want to |i'd like to )*(?:go |get |come )?back to (?:the |my |our |that )?"
            r"(?:book|flight|train|hotel|ticket|task|order|previous|last|earlier|first|other|what|where|transfer|balance|"
            r"password|payment|reserv)[^V]{0,20}|where were we",
            r"pick up where we left off",
        ),
    ),
    (
        "correct",
        (
            r"(?:我)?(?:要|想|需要|得)?(?:改一下|改下|改改|改一改|修改一下|修改下|更正一下|更正|纠正一下|换一下|换个)|我(?:要|想)(?:修改|更改|改)",
            r"(?:我)?(?:还)?(?:要|想|需要|得)(?:先)?(?:改|修改|更改|变更)(?:点)?(?:信息|内容|东西)?",
            r"(?:我)?(?:是)?(?:刚才|刚刚)?(?:说|打|写|输|弄|搞|选|填|记|讲)错了?|错了|写错啦|口误|手误|有误|不好意思说错了",
            r"(?:我|我是|应该)?(?:说|指)?(?:的)?不是V+(?:的)?|不是V+(?:的)?(?:而)?是V+(?:的)?|(?:我)?(?:说|指|要)(?:的)?是V+(?:的)?",
            r"(?:不|别)(?:去|要|从|到|坐|选|用|是|订|飞|在)V+(?:了)?",
            r"(?:帮我|给我|请|我要|我想|还是|那)*(?:把)?(?:V|[^V]{0,6})(?:改|换|更改|修改|变|调整)(?:成|为|到|作)?(?:V|从V|去V|到V)+(?:出发|的)?(?:吧)?",
            r"应该(?:是|为|去|到|从)V+(?:出发)?(?:才对)?",
            r"(?:i )?(?:made|was making) a mistake|(?:that was )?my mistake|i was wrong|correction|i misspoke|typo|"
            r"wrong (?:city|date|one|number)",
            r"(?:no )?(?:i meant?|i mean to say|actually|rather|make (?:it|that)|make that|"
            r"(?:please )?(?:change|move|set|correct) (?:it|that|this|(?:the |my )?[a-z' -]{2,30})?(?: to)?)"
            r"(?: to| from| on)? V(?: please)?",
            r"(?:please |can you |could you |i want to |i'd like to )?(?:change|switch|replace)(?: the)? V "
            r"(?:to|into|with|by|for) V(?: please)?",
            r"(?:let me|i want to|i'd like to|i need to|can i|could i|can we) (?:correct|change|fix|edit) "
            r"(?:it|that|this|something|the [a-z]+)",
            r"(?:it's |it is |i said )?not (?:from |to |on |in )?V(?: but (?:from |to |on |in )?V)?|"
            r"(?:it )?should be (?:from |to |on |in )?V",
        ),
    ),
    (
        "deny",
        (
            r"(?:不|不对|不是|不是的|不行|不可以|不好|不确认|我不确认|不确定|我不确定|不同意|我不同意|不要|不用|不正确|不对的|不太对|不成|不嘛|非也|"
            r"否|错|没错才怪|先别|别|先不|不可|不认可|不用这样){1,2}",
            r"(?:都|全都|全|一个都|哪个都|这些都|以上都)(?:不是|不对|不要|没有)|不是(?:这样|这个|这些|我要的|我想要的)的?|没有(?:一个|我要的|我想要的)(?:是|对)?的?",
            rf"(?:我)?(?:先)?(?:不|别)(?:确认|同意|下单|提交|{_DO})",
            r"(?:我)?(?:还|先|暂时)?(?:不要|不能|无法|不想|不会|没有|没|先别|别)(?:说|要)?(?:确认|确定|同意|下单|提交)",
            r"谁(?:说|要)(?:我)?(?:要)?(?:确认|同意)了?|确认不了|取消确认",
            r"(?:我觉得|我看|这)?(?:好像|似乎|感觉|貌似|应该|可能)?(?:还)?(?:是)?(?:有点|有些)?"
            r"(?:不(?:太|大|怎么|是很)?(?:对|对劲|好|行|正确)|有(?:点|些)?问题|搞错了|弄错了)",
            r"no+|nope|nah|no no|no wait|not really|not quite|not yet|wrong|incorrect|negative|don't|do not|no way|"
            r"please don't",
            r"(?:no )?(?:that's|that is|it's|it is|this is|they are)? ?(?:not|wrong|incorrect)"
            r"(?: (?:right|correct|true|it|what i (?:want|meant|said)))?",
            r"(?:please )?(?:don't|do not|not) (?:confirm|book|submit|do|order|send|proceed)(?: with)?"
            r"(?: (?:it|that|this))?(?: (?:yet|now|for now))?",
            r"(?:that|it|this|something)?(?:'s| ?is| ?looks| ?seems| ?sounds| ?feels)? ?(?:a bit |a little )?"
            r"(?:wrong|off|incorrect|not (?:quite|really|entirely|exactly) (?:right|correct|it))",
            r"i (?:don't|do not|can't|cannot|won't|will not) (?:confirm|agree|think so|want that)(?: (?:it|that|this))?"
            r"(?: yet)?|i (?:haven't|have not|didn't|did not) (?:confirm|confirmed|agree|agreed)(?: (?:it|yet))?",
            r"none of (?:them|these|those|the above)|neither(?: of them)?",
        ),
    ),
    (
        "affirm",
        (
            r"(?!对了$)(?:好|好的|好滴|好嘞|好哒|可以|可以的|行|行的|中|成|对|对的|对头|没错|没有错|没毛病|是|是的|是这样|是这样的|嗯|嗯嗯|嗯哼|恩|昂|确认|确定|我确认|我确定|"
            r"确认无误|没问题|没有问题|那?就这样|那?就这么办|就这么定|就这样定|就按这个|按这个来|就它|同意|我同意|正确|完全正确|当然|当然可以|必须的|没意见|妥|妥了|"
            r"都可以|都对|都行|要的|提交|下单|办|嗯好|信息正确|信息无误|全对|无误){1,3}(?:了)?",
            rf"(?:我)?(?:现在|马上|立即|立刻)?(?:确认|确定|同意){_DO}(?:票|机票|酒店|车票|密码|房间|电影票|款|账)?(?:了)?",
            rf"(?:就|那就|那)?{_DO}(?:这个|这张|这趟|它|吧)|(?:帮我|给我|请)(?:订|下单|提交|办理|预订)",
            r"(?:yes|yep|yeah|yup|yea|sure|ok|okay|k|correct|right|confirm|confirmed|i confirm|exactly|absolutely|"
            r"definitely|fine|perfect|great|good|of course|certainly|go ahead|do it|please do|that's right|"
            r"that is right|that's correct|that is correct|sounds good|looks good|looks right|all good|all correct|"
            r"book it|submit|submit it|please|y)"
            r"(?: (?:yes|yeah|sure|ok|okay|correct|right|confirm|confirmed|please|go ahead|do it|that's right|"
            r"that's correct|sounds good|looks good|book it|it|confirm it|thanks|i confirm)){0,2}",
        ),
    ),
)
"""Kinds in order of precedence where a clause fits several: 都可以 skips where skipping is possible, else affirms."""

NUMBER: Final = (
    r"(?:(?:我|那|就|还是|想)*(?:要|选|选择|选定|订|来|查)?(?:第)?(?P<number>[0-9]{1,2}|[一二两三四五六七八九十])(?:号|项|个|种|条|款)?(?:选项|那个)?(?:吧)?\.?)"
    r"|(?:(?:我|那|就|还是|想)*(?:要|选|选择)?(?P<last>最后(?:一|那)(?:个|项|种|条)|后者|倒数第一个))"
    r"|(?:(?:我|那|就|还是|想)*(?:要|选|选择)?(?P<former>前者))"
    r"|(?:(?:i'll take |i want |i choose |i'd like |let's take |take |choose |pick )?(?:the )?"
    r"(?:option |number |no\.? ?|choice |#)?"
    r"(?P<english>[0-9]{1,2}|one|two|three|four|five|six|first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|5th|last|former|latter)"
    r"(?: one| option| choice)?)"
)
NUMBER_WORDS: Final = {
    **{word: value for value, word in enumerate("一二三四五六七八九十", start=1)},
    **{word: value for value, word in enumerate(("one", "two", "three", "four", "five", "six"), start=1)},
    **{word: value for value, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), start=1)},
    **{word: value for value, word in enumerate(("1st", "2nd", "3rd", "4th", "5th"), start=1)},
    "两": 2,
    "former": 1,
    "last": -1,
    "latter": -1,
}

MUTTERS: Final = (
    r"对了|那个|这个|嗯+|呃+|额+|哦+|噢|喔|啊+|哎|唉|诶|哈+|话说|那么|那|然后|顺便(?:说一下|问一下|说一句)?|请|是这样的|我说|我跟你说|"
    r"um+|uh+|er+|hm+|oh|well|so|by the way|btw|please|listen|look|and|then|okay so"
)
"""Clauses that say nothing, beside others or alone."""

COURTESIES: Final = (
    r"你好|您好|请问|请问一下|麻烦你?|麻烦您|谢谢|谢谢你|多谢|不好意思|抱歉|对不起|"
    r"hi|hello|hey|thanks|thank you|sorry|excuse me"
)
"""Clauses that say nothing where there is another, and may be all that somebody wants to say."""

LEADING: Final = (
    r"(?:嗯+|呃+|额+|哦+|噢|喔|啊|哎呀?|唉|诶|那就|那|就|那么|请|麻烦|你好|您好|"
    r"oh |well |um+ |uh+ |so |please |then |and |but |hm+ )"
)
TRAILING: Final = r"(?:吧|呢|啊|呀|哦|嘛|啦|哈|噢|喔|诶|哟|咯|罢|谢谢|多谢|please|thanks|thank you|then|[ ~.])"

BREAKING: Final = (
    r"(?:不对|不是的|错了|说错了|算了|等等|等一下|等下|稍等|好的|好吧|行吧|对了|"
    r"no wait|wait|hold on|yes|yeah|ok|okay|sure|right|no)"
    r"(?=我|是|不|别|应该|要|先|帮|请|那|就|还|改|换|从|到|去|V|再|下次| i | it| the | but | make | change )"
)
"""Openings that are a clause of their own although nothing separates them from the next."""
