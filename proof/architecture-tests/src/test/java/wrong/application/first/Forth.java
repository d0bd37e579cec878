package wrong.application.first;

import wrong.application.second.Back;

/** One half of a cycle. */
public final class Forth {
  public Back back() {
    return new Back();
  }
}
