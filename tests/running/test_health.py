"""What machines and `helpdesk doctor` are told."""

from helpdesk.core.scheduling import beat
from helpdesk.running.doctor import examine


def faults() -> set[str]:
    return {finding.what for finding in examine() if finding.is_fault}


def test_alive_is_always_said(visit):
    assert visit().get("/healthz").text == "ok\n"


def test_ready_only_with_a_living_worker(visit):
    assert visit().get("/readyz").status_code == 503
    beat("here")
    assert visit().get("/readyz").status_code == 200


def test_metrics_count_tickets_by_status(visit, ticket):
    assert 'helpdesk_tickets{status="open"} 1.0' in visit().get("/metrics").text


def test_a_house_without_a_worker_is_faulty_and_the_remedy_is_named(app):
    assert "worker" in faults()
    beat("here")
    assert "worker" not in faults()


def test_a_mail_server_that_does_not_answer_is_a_fault(app):
    app.config["HELPDESK_SMTP_URL"] = "smtp://127.0.0.1:9"

    assert "mail server" in faults()
