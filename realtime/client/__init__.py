"""Follow the events of a running service, over every interruption.

::

    import asyncio
    from realtime.client import Envelope, EventClient, Expression, Phase

    async def main():
        async for event in EventClient("http://127.0.0.1:8765/"):
            match event:
                case Envelope(data=Expression(phase=Phase.END) as found):
                    print(found.kind, found.onset_s, found.offset_s)

    asyncio.run(main())
"""

from realtime.client.client import EventClient
from realtime.client.notices import Missed, Notice, Restarted
from realtime.events.cloudevents import Envelope
from realtime.events.messages import Expression, Phase
from realtime.events.telemetry import Telemetry

__all__ = [
    "Envelope",
    "EventClient",
    "Expression",
    "Missed",
    "Notice",
    "Phase",
    "Restarted",
    "Telemetry",
]
