package io.taskbroker.proving.tls;

import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Of everybody in the scenario, made when it begins.
 *
 * @param authority whom all trust at first
 * @param next whom all trust after the renewal
 * @param broker signed by {@code authority}
 * @param renewedBroker signed by {@code next}, with a key of RSA
 * @param worker signed by {@code authority}
 * @param renewedWorker signed by {@code next}
 * @param refused by name, those that nobody should accept
 */
record Certificates(
    Path authority,
    Path next,
    Authority.Pair broker,
    Authority.Pair renewedBroker,
    Authority.Pair worker,
    Authority.Pair renewedWorker,
    Map<String, Authority.Pair> refused) {
  static Certificates in(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
    Authority authority = Authority.in(folder, "authority");
    Authority next = Authority.in(folder, "next");
    return new Certificates(
        authority.certificate(),
        next.certificate(),
        authority.sign("broker"),
        next.signRsa("renewed-broker"),
        authority.sign("worker"),
        next.sign("renewed-worker"),
        Map.of(
            "stranger", Authority.in(folder, "other").sign("stranger"),
            "expired", authority.signExpired("expired"),
            "early", authority.signEarly("early")));
  }

  /** What a broker or a worker shows before the renewal, and whom it trusts. */
  Identity before(Authority.@Nullable Pair pair) {
    return new Identity(pair, authority);
  }

  /** What a broker or a worker shows after the renewal, and whom it trusts. */
  Identity after(Authority.Pair pair) {
    return new Identity(pair, next);
  }

  /** One that nobody should accept. */
  Authority.Pair bad(String name) {
    Authority.Pair pair = refused.get(name);
    if (pair == null) {
      throw new IllegalArgumentException("there is no certificate " + name + " in " + refused);
    }
    return pair;
  }

  /** Replaces a file as one that renews certificates should: at once, with the same rights. */
  static void replace(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Path copy = to.resolveSibling(to.getFileName() + ".new");
      Files.copy(
          from, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(copy, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot replace " + to, e);
    }
  }
}
