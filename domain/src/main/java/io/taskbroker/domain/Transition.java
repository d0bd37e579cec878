package io.taskbroker.domain;

/** What {@link Lifecycle} answers to an event. */
public sealed interface Transition {
  /** The activation is in this state now. */
  record Moved(ActivationState to) implements Transition {}

  /** The event has no meaning in the state the activation is in; nothing changes. */
  record Ignored() implements Transition {
    /** All of them are equal; one is enough. */
    public static final Ignored TRANSITION = new Ignored();
  }
}
