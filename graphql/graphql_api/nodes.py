"""What can be asked for again by its id alone, whatever it is (Relay's object identification)."""

import strawberry


@strawberry.interface(description="A thing that node finds again by its id.")
class Node:
    id: strawberry.ID
