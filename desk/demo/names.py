"""Names of people, branches and firms; all invented, drawn by a seeded generator."""

from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final

from desk.demo.chance import chance


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The frequent surnames first: a draw favours the head of the list.
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁"
)
_DOUBLE_SURNAMES: Final = ("欧阳", "上官", "司徒", "尉迟", "诸葛", "皇甫")
_MALE: Final = _words(
    "志强 建国 国梁 俊峰 志远 文杰 海涛 立新 铁成 永刚 晓东 振华 明辉 家豪 浩然 宇航 子轩 "
    "建平 德胜 学军 宏伟 少华 庆云 长青 卫东 光明 继红 兴旺 天佑 思远 泽民 书恒 博文 景行 "
    "承志 力行 维国 保平 春生 秋实 炳坤 汉文 启明 世杰 云飞 鹏程 嘉诚 一鸣 守信 安邦 磊 "
    "伟 勇 军 涛 超 斌 鹏 波 辉 刚 健 宁 凯 骏 衡 默 晨 睿 昊 坤"
)
_FEMALE: Final = _words(
    "晓岚 嘉怡 慧敏 文秀 美玲 秀英 桂兰 雅琴 思琪 梦瑶 欣怡 佳慧 雪梅 红霞 丽华 玉珍 淑芬 "
    "春燕 海燕 冬梅 婷婷 雨桐 诗涵 晓雯 静宜 若兰 书瑶 念慈 月华 彩云 秋菊 凤仪 素贞 宝珠 "
    "兰英 玉兰 小曼 巧玲 金凤 惠君 亚男 敏之 琳 静 岚 琪 雪 娟 敏 艳 丽 霞 洁 颖 薇 瑾 璐 "
    "蕾 莹 倩"
)
_FIRST_BRANCHES: Final = _words(
    "城东 城西 城南 城北 高新 滨江 经开 东湖 西山 南岸 北岭 中心 新区 临港 空港 大学城"
)
_PLACES: Final = tuple(
    first + second
    for second, first in product("山河湖桥塘溪岭浦泉洲港原台埠", "青云金龙白玉清石长平安永福兴凤")
)
_BRANDS: Final = _words(
    "恒泰 东方 明珠 华立 金源 永兴 鼎盛 宏达 瑞丰 天成 信和 顺达 百川 嘉禾 万象 长风 "
    "海诚 众合 安泰 立业 同辉 启航 新锐 云锦 春晖 博雅 聚力 泰和 福临 吉祥 "
    "精工 诚信 德源 佳美 利群 欣欣 大地 北辰 南粤 西岭 江南 银河 星光 蓝海 绿野 红枫 金桥 "
    "玉龙 白鹭 青松 黄河 和顺 鸿运 兴邦"
)
# What a firm does, behind its brand, with its industry; from the great to the small.
_TRADES: Final = {
    "A": (
        ("纺织集团", "制造业"),
        ("钢铁集团", "制造业"),
        ("汽车零部件集团", "制造业"),
        ("食品集团", "制造业"),
        ("置业集团", "房地产"),
        ("物流集团", "交通运输"),
        ("能源集团", "能源"),
        ("医药集团", "医药"),
        ("商业集团", "批发零售"),
    ),
    "B": (
        ("机械厂", "制造业"),
        ("水泥有限公司", "制造业"),
        ("电子有限公司", "制造业"),
        ("大酒店", "住宿餐饮"),
        ("物业管理有限公司", "物业"),
        ("建筑工程有限公司", "建筑业"),
        ("信息技术有限公司", "信息技术"),
        ("货运有限公司", "交通运输"),
        ("职业培训学校", "教育"),
        ("药业连锁有限公司", "医药"),
        ("购物广场", "批发零售"),
        ("检测技术有限公司", "专业服务"),
    ),
    "C": (
        ("商贸有限公司", "批发零售"),
        ("餐饮店", "住宿餐饮"),
        ("汽车维修厂", "居民服务"),
        ("会计师事务所", "专业服务"),
        ("律师事务所", "专业服务"),
        ("口腔诊所", "医疗卫生"),
        ("幼儿园", "教育"),
        ("打印社", "居民服务"),
        ("装饰工程部", "建筑业"),
        ("五金店", "批发零售"),
        ("茶业合作社", "农业"),
        ("快递营业部", "交通运输"),
        ("健身俱乐部", "文体娱乐"),
        ("花木种植场", "农业"),
    ),
}
# What a place has one of, or a few numbered ones.
_PUBLIC: Final = {
    "A": (("人民医院", "医疗卫生"), ("职业技术学院", "教育"), ("政务服务中心", "机关事业")),
    "B": (("实验小学", "教育"), ("第一中学", "教育"), ("供水公司", "公用事业")),
    "C": (("社区卫生服务站", "医疗卫生"), ("街道文化站", "机关事业")),
}
_STREETS: Final = _words(
    "人民 建设 解放 中山 长江 黄河 和平 新华 文化 迎宾 工业 创业 育才 滨河 青年"
)
POSTS: Final = {
    "key": ("总经理", "副总经理", "厂长", "办公室主任", "行政总监", "院长助理", "财务总监"),
    "contact": ("综合部主管", "信息科科长", "行政主管", "采购经理", "办公室干事", "财务主管"),
    "clerk": ("行政专员", "出纳", "前台", "网管"),
}


@dataclass(frozen=True, slots=True)
class Somebody:
    """A name, whether a man's or a woman's ("m", "f"), and how one addresses its bearer."""

    name: str
    gender: str

    @property
    def surname(self) -> str:
        """One character, or two."""
        return self.name[:2] if self.name[:2] in _DOUBLE_SURNAMES else self.name[:1]

    def addressed(self, post: str = "") -> str:
        """冯总, 蒋主任, 刘女士: by the post where it gives a title, else by courtesy."""
        for sign, title in _TITLES:
            if sign in post:
                return self.surname + title
        return self.surname + ("先生" if self.gender == "m" else "女士")


_TITLES: Final = (
    ("总监", "总监"),
    ("经理", "经理"),
    ("厂长", "厂长"),
    ("主任", "主任"),
    ("科长", "科长"),
    ("院长", "院长"),
    ("主管", "主管"),
)


def somebody(rng: Random) -> Somebody:
    """A person's name; one in eighty has a surname of two characters."""
    gender = rng.choice("mf")
    if rng.random() < 1 / 80:
        surname = rng.choice(_DOUBLE_SURNAMES)
    else:
        surname = _SURNAMES[int(len(_SURNAMES) * rng.random() ** 2)]
    return Somebody(surname + rng.choice(_MALE if gender == "m" else _FEMALE), gender)


def places(count: int) -> list[str]:
    """So many different places, each of which has a branch: 城东, 城西 …"""
    known = [*_FIRST_BRANCHES, *(place for place in _PLACES if place not in _FIRST_BRANCHES)]
    further = [f"{place}{side}" for side in "东西南北中" for place in _PLACES]
    known += further
    if count > len(known):
        raise ValueError(f"names for {len(known)} branches at most")
    return known[:count]


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's name and industry."""

    name: str
    industry: str


class Firms:
    """Draws firms of one place, each name once."""

    def __init__(self, place: str, rng: Random) -> None:
        """Nothing is drawn yet."""
        self._place = place
        self._rng = rng
        self._known: set[str] = set()

    def draw(self, tier: str) -> Firm:
        """A firm of this tier: in one case of eight a public institution."""
        rng = self._rng
        if rng.random() < 1 / 8:
            thing, industry = rng.choice(_PUBLIC[tier])
            name = f"{self._place}{thing}"
        else:
            thing, industry = rng.choice(_TRADES[tier])
            name = f"{rng.choice(_BRANDS)}{thing}"
        if name in self._known:
            name = f"{self._place}{rng.choice(_BRANDS)}{thing}"
        while name in self._known:
            name = f"{self._place}{rng.choice(_BRANDS)}{rng.choice(_BRANDS)}{thing}"
        self._known.add(name)
        return Firm(name, industry)


def address(place: str, rng: Random) -> str:
    """A street and a number in the place."""
    return f"{place}区{rng.choice(_STREETS)}路{rng.randint(1, 380)}号"


class Phones:
    """Mobile numbers one after the other in no visible order, none of them twice."""

    _PREFIXES: Final = ("13800", "13900", "13700", "13500", "18800", "15800")
    # Without a factor in common with a million: the steps visit every number once.
    _STEP: Final = 374_989

    def __init__(self, seed: int) -> None:
        """Begin where the seed says."""
        self._drawn = 0
        self._start = chance(seed, "phones").randrange(1_000_000)

    def draw(self) -> str:
        """The next number, eleven digits."""
        block, place = divmod(self._drawn, 1_000_000)
        self._drawn += 1
        number = (self._start + place * self._STEP) % 1_000_000
        return f"{self._PREFIXES[block]}{number:06d}"
