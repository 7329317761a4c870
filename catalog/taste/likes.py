"""A person's taste: which items they liked and disliked, in order. No request, no vectors."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlencode

from catalog.models import is_item_id

Verdict = Literal["like", "dislike"]

MAX_JUDGED: Final = 60
# A browser keeps 4,096 bytes of a cookie. Base64 makes 3 bytes 4, the signature takes some 60, the rest of the session is
# small: 2,400 bytes of ids, quotes and commas stay below 3,400 even when nothing compresses.
MAX_BYTES: Final = 2_400
_SIGNS: Final[dict[Verdict, str]] = {"like": "+", "dislike": "-"}
_VERDICTS: Final[dict[str, Verdict]] = {sign: verdict for verdict, sign in _SIGNS.items()}
_OVERHEAD: Final = 4  # the sign, two quotes, a comma


@dataclass(frozen=True, slots=True)
class Taste:
    """judged: (ItemID, verdict), oldest first; no item twice."""

    judged: tuple[tuple[str, Verdict], ...] = ()

    @property
    def liked(self) -> tuple[str, ...]:
        return tuple(item_id for item_id, verdict in self.judged if verdict == "like")

    @property
    def disliked(self) -> tuple[str, ...]:
        return tuple(item_id for item_id, verdict in self.judged if verdict == "dislike")

    @property
    def item_ids(self) -> frozenset[str]:
        return frozenset(item_id for item_id, _verdict in self.judged)

    def __len__(self) -> int:
        return len(self.judged)

    def verdict(self, item_id: str) -> Verdict | Literal[""]:
        """The verdict on `item_id`, or "" without one."""
        return next((verdict for judged, verdict in self.judged if judged == item_id), "")

    def judge(self, item_id: str, verdict: Verdict) -> "Taste":
        """With `item_id` judged last, whatever its verdict was before."""
        return Taste((*self.forget(item_id).judged, (item_id, verdict)))

    def forget(self, item_id: str) -> "Taste":
        """Without `item_id`."""
        return Taste(tuple(pair for pair in self.judged if pair[0] != item_id))

    def undo(self) -> "Taste":
        """Without what was judged last."""
        return Taste(self.judged[:-1])

    def fitted(self) -> "Taste":
        """The newest that a cookie and an address can hold."""
        kept: list[tuple[str, Verdict]] = []
        room = MAX_BYTES
        for pair in reversed(self.judged[-MAX_JUDGED:]):
            room -= len(pair[0]) + _OVERHEAD
            if room < 0:
                break
            kept.append(pair)
        return Taste(tuple(reversed(kept)))

    def query_string(self) -> str:
        """`like=a,b&dislike=c`: the address of /taste/ that shows this taste to anybody."""
        parts = {"like": ",".join(self.liked), "dislike": ",".join(self.disliked)}
        return urlencode({name: ids for name, ids in parts.items() if ids}, safe=",")

    def pack(self) -> list[str]:
        """What the session keeps: ["+a", "-c"]."""
        return [_SIGNS[verdict] + item_id for item_id, verdict in self.judged]


def unpack(stored: object) -> Taste:
    """The taste that `pack` made; anything else in it is ignored."""
    entries = [entry for entry in stored if isinstance(entry, str)] if isinstance(stored, list) else []
    return _collect((entry[1:], _VERDICTS[entry[0]]) for entry in entries if entry[:1] in _VERDICTS)


def parse(like: str, dislike: str) -> Taste:
    """The taste of `like=a,b&dislike=c`. What is no ItemID is left out; an item in both lists is disliked."""
    liked: list[tuple[str, Verdict]] = [(item_id, "like") for item_id in like.split(",")[: 4 * MAX_JUDGED]]
    disliked: list[tuple[str, Verdict]] = [(item_id, "dislike") for item_id in dislike.split(",")[: 4 * MAX_JUDGED]]
    return _collect([*liked, *disliked])


def _collect(pairs: Iterable[tuple[str, Verdict]]) -> Taste:
    taste = Taste()
    for item_id, verdict in pairs:
        if is_item_id(item_id):
            taste = taste.judge(item_id, verdict)
    return taste.fitted()
