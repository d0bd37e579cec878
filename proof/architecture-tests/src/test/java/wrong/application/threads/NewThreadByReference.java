package wrong.application.threads;

import java.util.concurrent.ThreadFactory;

/** Makes threads that nobody has named. */
final class NewThreadByReference {
  ThreadFactory threads() {
    return Thread::new;
  }
}
