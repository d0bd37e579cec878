package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Route;

/** An activation on its way in, and where it goes. */
public record Arrival(Activation activation, Route route) {}
