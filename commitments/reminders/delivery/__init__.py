"""How messages leave the machine: the line to the mail server, what its answers mean, GOV.UK
Notify, and the switch that diverts everything. docs/delivery.md describes it."""
