package io.taskbroker.application.intake;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Route;

/**
 * One activation on its way in.
 *
 * @param payload as received; not copied, so nobody may write to it
 */
public record NewActivation(Activation activation, byte[] payload, Route route) {
  public NewActivation(Activation activation, byte[] payload) {
    this(activation, payload, Route.WORKERS);
  }
}
