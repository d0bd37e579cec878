package wrong.application.waiting;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for an answer. */
final class GetsAFuture {
  String answer(Future<String> later) throws InterruptedException, ExecutionException {
    return later.get();
  }
}
