"""A stand-in for the providers that carry notifications, on loopback.

Speaks the wire formats of GOV.UK Notify (as its official client expects them), Sinch SMS, Firebase Cloud
Messaging HTTP v1, APNs (HTTP/2 over TLS), Web Push, Vonage Voice, Standard Webhooks and SMTP, and checks
what each would: signatures, tokens, headers. It shows what was sent in an inbox for the browser, and fails
on demand, each provider by itself. Like the real providers it does not deduplicate: the same request twice
is two messages.
"""
