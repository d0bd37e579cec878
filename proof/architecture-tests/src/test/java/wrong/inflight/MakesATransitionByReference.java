package wrong.inflight;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Transition;
import java.util.function.Function;

/** Decides what only Lifecycle decides, out of sight. */
final class MakesATransitionByReference {
  Function<ActivationState, Transition> decision() {
    return Transition.Moved::new;
  }
}
