"""The routes of dry runs: what edits would change in the lock."""

from __future__ import annotations

from . import answers
from .handler import Handler, executing, reading


class PlansHandler(Handler):
    @executing
    async def post(self) -> None:
        request = await self.body("PlanRequest")
        manifest, text = await self.parts.manifests.planned(request)
        user = self.current_user.username
        plan = self.parts.plans.start(user, manifest, text, request["environments"])
        await self.answer(answers.plan(plan, self.parts.overview.places), 202)


class PlanHandler(Handler):
    @reading
    async def get(self, plan: str) -> None:
        found = self.parts.plans.find(plan)
        await self.answer(answers.plan(found, self.parts.overview.places))

    @executing
    async def delete(self, plan: str) -> None:
        self.parts.plans.cancel(plan)
        self.done()
