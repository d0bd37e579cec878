package wrong.application.order;

/** Compares what is different in each process. */
final class LooksAtAnIdentity {
  int place(Object one) {
    return System.identityHashCode(one);
  }
}
