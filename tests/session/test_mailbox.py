"""One slot in which the newest wins, and the same as a hand-over that drops nothing."""

import threading

from app.session import Mailbox


def test_newest_wins_and_what_it_replaced_is_counted():
    box = Mailbox()
    for item in "abc":
        box.put(item)
    assert box.get(0.0) == "c"
    assert box.dropped == 2
    assert box.get(0.0) is None


def test_hand_over_waits_for_the_reader_and_drops_nothing():
    box, got = Mailbox(), []
    writer = threading.Thread(target=lambda: [box.hand_over(i) for i in range(1, 101)] and box.close())
    writer.start()
    while (item := box.get(10.0)) is not None:
        got.append(item)
    writer.join(10.0)
    assert got == list(range(1, 101))
    assert box.dropped == 0


def test_close_wakes_a_waiting_reader_and_a_waiting_writer():
    box, answers = Mailbox(), []
    reader = threading.Thread(target=lambda: answers.append(box.get()))
    reader.start()
    box.close()
    reader.join(10.0)
    assert answers == [None]

    box = Mailbox()
    box.put("unread")
    writer = threading.Thread(target=lambda: answers.append(box.hand_over("late")))
    writer.start()
    box.close()
    writer.join(10.0)
    assert answers == [None, False]


def test_a_closed_mailbox_gives_what_it_holds_and_takes_nothing_more():
    box = Mailbox()
    box.put("last")
    box.close()
    box.put("too late")
    assert (box.get(), box.get(), box.closed) == ("last", None, True)

    box = Mailbox()
    box.put("unwanted")
    box.close(discard=True)
    assert box.get() is None
