package wrong.benchmarks;

import com.tngtech.archunit.core.domain.JavaClass;

/** A measurement that uses what it has no business with. */
final class KnowsAMock {
  boolean isOurs(JavaClass one) {
    return one.isRecord();
  }
}
