"""The routes of dry runs: what edits would change in the lock."""

from __future__ import annotations

from .handler import Handler, executing, reading


class PlansHandler(Handler):
    @executing
    async def post(self) -> None:
        request = await self.body("PlanRequest")
        manifest, text = await self.parts.manifests.planned(request)
        user = self.current_user.username
        plan = self.parts.plans.start(user, manifest, text, request["environments"])
        await self.answer(plan.to_dict(), 202)


class PlanHandler(Handler):
    @reading
    async def get(self, plan: str) -> None:
        await self.answer(self.parts.plans.find(plan).to_dict())

    @executing
    async def delete(self, plan: str) -> None:
        self.parts.plans.cancel(plan)
        self.done()
