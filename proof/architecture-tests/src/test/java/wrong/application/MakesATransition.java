package wrong.application;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Transition;

/** Decides what only Lifecycle decides. */
final class MakesATransition {
  Transition to(ActivationState state) {
    return new Transition.Moved(state);
  }
}
