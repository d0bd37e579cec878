package wrong.application.threads;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Works in the pool that belongs to everybody. */
final class SupplyAsync {
  CompletableFuture<String> start(Supplier<String> work) {
    return CompletableFuture.supplyAsync(work);
  }
}
