package wrong.application;

import io.taskbroker.domain.ActivationState;

/** Says where an activation stands without having asked. */
final class MakesAState {
  ActivationState delayed() {
    return new ActivationState.Delayed(0);
  }
}
