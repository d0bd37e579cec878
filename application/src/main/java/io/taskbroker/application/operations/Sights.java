package io.taskbroker.application.operations;

import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.upkeep.SweepStore;

/** What explanations look at in a store. */
public record Sights(IntakeStore intake, SteeringStore steering, SweepStore sweeps) {}
