#!/usr/bin/env python3
"""Upper bounds for the single-drone volleyball tasks, by physics alone.

They grant the Iris what it has not: thrust in any direction at once, no rotor lag and no time to
turn. Needs NumPy. Numbers: configs/drones/iris.yaml, tasks/volley/volley_config.h.
"""

import numpy as np

GRAVITY = 9.81
THRUST = 24.013 / 1.52  # m/s^2
RESTITUTION = 0.8
CONTACT = 0.155  # m, of the ball's centre above the drone when they touch


def back_and_forth(distance=6.364, near=0.6, stay=0.1, seconds=16.0):
    """Targets: from rest to rest at full tilt, turning inside the radius that counts."""
    acceleration = np.sqrt(THRUST**2 - GRAVITY**2)
    depth = np.linspace(0.0, 2.0 * near, 200)  # of the turning point within a target's radius
    leg = 2.0 * np.sqrt((distance - 2.0 * near + 2.0 * depth) / acceleration)
    inside = 2.0 * np.sqrt(2.0 * depth / acceleration)
    return seconds / np.min(leg + np.maximum(0.0, stay - inside))


def hit_the_ball(drop=3.0, start=2.0, landing=2.0):
    """Metres: the drone backs off and dashes through its starting point as the ball comes down."""
    best = 0.0
    for time in np.linspace(0.3, 1.1, 161):
        ball_height = start + drop - 0.5 * GRAVITY * time**2
        ball = np.array([0.0, -GRAVITY * time])
        dash = time * (1.0 - 2.0 / (2.0 + np.sqrt(2.0)))  # s of gain: away, back, through
        for tilt in np.radians(np.arange(0, 91)):
            climb = THRUST * np.cos(tilt) - GRAVITY
            height = start + 0.5 * climb * time**2
            if height < 0.4 or abs(height + CONTACT - ball_height) > 0.15:
                continue
            drone = np.array([-THRUST * np.sin(tilt) * dash, climb * time])
            for lean in np.linspace(-0.2, 1.4, 81):
                normal = np.array([-np.sin(lean), np.cos(lean)])
                closing = (ball - drone) @ normal
                leaves = ball - (1.0 + RESTITUTION) * min(closing, 0.0) * normal
                square = leaves[1] ** 2 + 2.0 * GRAVITY * (ball_height - landing)
                if square > 0.0:
                    best = max(best, -leaves[0] * (leaves[1] + np.sqrt(square)) / GRAVITY)
    return best


def solo_bump(drone_height, top=3.5, seconds=16.0):
    """Bumps, if the ball rises just above `top` and is met with the drone at this height."""
    return seconds / (2.0 * np.sqrt(2.0 * (top - drone_height - CONTACT) / GRAVITY))


if __name__ == "__main__":
    print(f"back-and-forth  {back_and_forth():5.1f} targets")
    print(f"hit-the-ball    {hit_the_ball():5.1f} m")
    print(f"solo-bump       {solo_bump(2.0):5.1f} bumps at 2.0 m, {solo_bump(2.5):.1f} at the ceiling of 2.5 m")
