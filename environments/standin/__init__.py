"""The embedded deployment: a small real MS5.0 on free loopback ports, made to be looked at and to be broken."""
