"""Which customers are thought to be one, and which are not, whatever their names say."""

import pytest

from helpdesk.customers import folding
from helpdesk.customers.comparing import compare, score
from tests.customers import planted
from tests.customers.planted import Entry


def reasons(one: Entry, other: Entry) -> dict[str, object]:
    return compare(one.profile(1), other.profile(2))


def test_of_two_hundred_that_are_one_and_two_hundred_that_are_two():
    true, false = planted.twice(), planted.lookalikes()
    found = sum(bool(reasons(*pair)) for pair in true)
    wrong = [pair for pair in false if reasons(*pair)]

    assert found / len(true) >= 0.9
    assert found / (found + len(wrong)) >= 0.98, wrong


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("（株）ﾔﾏﾀﾞ", "株式会社ヤマダ"),
        ("㈱渡邊商店", "渡辺商店 株式会社"),
        ("カ）ヤマダ", "ヤマダ(株)"),
        ("有限会社齋藤工務店", "㈲斉藤工務店"),
        ("髙𣘺 花子", "高橋花子 様"),
        ("濵田 誠", "浜田誠"),
        ("YAMADA, Taro", "Taro Yamada"),
        ("Harbour & Light Co., Ltd.", "The Harbour and Light Inc"),
        ("キヤノン", "ｷｬﾉﾝ"),
        ("茅ヶ崎", "茅ケ崎"),
        ("コンピュータ販売", "コンピューター販売"),
        ("ABC K.K.", "ＡＢＣ"),
    ],
)
def test_a_name_is_the_same_however_it_is_written(one, other):
    assert folding.core(one) == folding.core(other) != ""


@pytest.mark.parametrize("other", ["山口商事", "山田物流", "㈱"])
def test_names_of_others_stay_theirs(other):
    assert folding.core("山田商事") != folding.core(other)


def test_a_number_is_the_same_however_it_is_typed():
    for typed in ("０９０－１２３４－５６７８", "+81 90 1234 5678", "09012345678", "090-1234-5678 内線3"):
        assert folding.numbers(typed) == ["+819012345678"]
    assert folding.numbers("03-1234-5678 / 090-1234-5678") == ["+81312345678", "+819012345678"]
    assert folding.numbers("なし") == folding.numbers("") == []


def test_a_name_alone_is_never_enough():
    name = Entry("株式会社ヤマダ", "ヤマダ")

    assert reasons(name, name) == {}
    assert (
        reasons(Entry("渡辺 誠", addresses=("a@gmail.com",)), Entry("渡辺 誠", addresses=("b@gmail.com",)))
        == {}
    )


def test_one_telephone_makes_no_one_of_a_family():
    assert reasons(Entry("渡辺 誠", phone="03-1234-5678"), Entry("渡辺 陽子", phone="03-1234-5678")) == {}


def test_what_many_share_says_nothing():
    one, other = (
        Entry("ヤマダ", phone="03-1234-5678").profile(1),
        Entry("ヤマダ", phone="0312345678").profile(2),
    )

    assert compare(one, other)["phone"] == "+81312345678"
    assert compare(one, other, shared_by_many=frozenset({"+81312345678"})) == {}


def test_more_evidence_makes_it_surer():
    scores = [
        score({"name": 0.9, "domain": "x"}),
        score({"name": 1.0, "domain": "x"}),
        score({"name": 1.0, "phone": "x"}),
        score({"name": 1.0, "phone": "x", "domain": "y"}),
    ]

    assert scores == sorted(scores)
    assert all(0.7 < each < 1 for each in scores)
