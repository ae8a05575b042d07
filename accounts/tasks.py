"""The worker's side: thin, safe to run twice, at once, or late."""

from celery import shared_task

from accounts import jobs


@shared_task(soft_time_limit=1500, time_limit=1560)
def run_job(uuid):
    jobs.run(uuid)
