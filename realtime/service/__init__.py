"""The event service: WebSocket events, the dashboard and the health page on one port."""
