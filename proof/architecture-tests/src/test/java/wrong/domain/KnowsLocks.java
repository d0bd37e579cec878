package wrong.domain;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** A rule that expects company. */
final class KnowsLocks {
  final Lock lock = new ReentrantLock();
}
