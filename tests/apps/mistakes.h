#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/apps/program.h"

// What users mistype, at the level of the program.

namespace fleet {

struct Mistake {
  std::string arguments;
  std::string reason;  ///< part of the line on stderr
};

/// Requires of each: exit code 2, one line "fleet: ..." with the reason, `folder` as it was.
inline void require_refused(const std::string& folder, const std::vector<Mistake>& mistakes) {
  const auto before = contents(folder);
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE("fleet " + mistake.arguments);
    const Outcome outcome = run_fleet(folder, mistake.arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.error.rfind("fleet: ", 0), 0U) << outcome.error;
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    EXPECT_NE(outcome.error.find(mistake.reason), std::string::npos) << outcome.error;
    EXPECT_EQ(contents(folder), before);
  }
}

}  // namespace fleet
