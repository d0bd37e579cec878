package io.taskbroker.browser;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips where there is no browser, and says so in one line. */
final class NeedsBrowser implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String missing = Browser.missing();
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("there is a browser");
    }
    if (context.getTestMethod().isEmpty()) {
      System.out.println(missing);
    }
    return ConditionEvaluationResult.disabled(missing);
  }
}
