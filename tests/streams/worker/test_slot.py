from pathlib import Path

from streams.worker.slot import take_slot


def test_a_worker_that_comes_back_has_the_slot_that_it_had(tmp_path: Path) -> None:
    first = take_slot(tmp_path)
    first.lock.close()

    second = take_slot(tmp_path)

    assert second.instance_id == first.instance_id
    second.lock.close()


def test_two_workers_of_one_folder_have_two_slots_and_another_folder_has_its_own(tmp_path: Path) -> None:
    slots = [take_slot(tmp_path / "a"), take_slot(tmp_path / "a"), take_slot(tmp_path / "b")]

    assert len({slot.instance_id for slot in slots}) == 3
    for slot in slots:
        slot.lock.close()
