package wrong.application.second;

import wrong.application.first.Forth;

/** The other half. */
public final class Back {
  public Forth forth() {
    return new Forth();
  }
}
