"""Where the marks of a chart lie."""

from helpdesk.core.charts import bar, is_labelled, line
from helpdesk.core.statistics import proportion


def test_a_bar_is_as_long_as_its_share():
    found = bar(proportion(45, 50))

    assert (found.width, found.low, found.high, found.is_firm) == (90.0, 78.64, 95.65, True)


def test_too_few_or_nobody_is_no_bar():
    assert bar(proportion(4, 4)) is None
    assert bar(None) is None


def test_a_line_breaks_where_there_is_nothing_to_show():
    figures = [proportion(50, 100), proportion(25, 100), None, proportion(75, 100), proportion(3, 3)]
    found = line(figures)

    assert [(dot.x, dot.y) for dot in found.dots] == [(10.0, 50.0), (30.0, 75.0), (70.0, 25.0)]
    assert found.path == "M10.0 50.0 L30.0 75.0"
    assert found.band.count("M") == 1
    assert found.alone == {3}


def test_the_band_goes_along_the_top_and_back_along_the_bottom():
    low, high = proportion(0, 20), proportion(20, 20)
    found = line([low, high])

    assert found.band == "M25.0 83.89 L75.0 0.0 L75.0 16.11 L25.0 100.0Z"


def test_no_figures_are_no_line():
    assert (line([]).path, line([None]).dots) == ("", ())


def test_a_scale_may_begin_elsewhere():
    assert bar(proportion(50, 100), least=0.5).width == 0.0


def test_the_last_step_is_always_labelled_and_few_are():
    assert [place for place in range(13) if is_labelled(place, 13)] == [0, 3, 6, 9, 12]
    assert [place for place in range(14) if is_labelled(place, 14)] == [1, 4, 7, 10, 13]
