"""Long work that a worker does for somebody, and that can be watched, left, stopped and taken up again.

A room says what there is to do and how, in its `AppConfig.ready`:

    jobs.register("clients.hand_over", run)

and starts it from a view: `job = jobs.start("clients.hand_over", by=user, title=_("Handing over"), data={…}, total=9)`
and `redirect("job", job.uuid)`. `run(job)` begins at `job.done`: it may have been taken up again. It says how far it
is by `job.step(done, message)`, within the transaction that did that part, so that no part is done twice. Written as a
generator (`yield` after each part) it gives way to other work now and then.
"""

from accounts.jobs.starting import again, plan, start, stop
from accounts.jobs.words import Kind, kind_of, register
from accounts.jobs.work import run, run_waiting

__all__ = ["Kind", "again", "kind_of", "plan", "register", "run", "run_waiting", "start", "stop"]
