#include "sim/patterns.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fleet::sim {
namespace {

TEST(ResolveTest, APatternThatMatchesNothingIsRefused) {
  const std::vector<std::string> names{"left_knee", "right_knee"};
  EXPECT_EQ(resolve({{"left_.*", 1.0}}, names, 0.5), (std::vector<double>{1.0, 0.5}));
  EXPECT_THROW(resolve({{".*_kne", 1.0}}, names, 0.0), std::runtime_error);
}

TEST(ResolveTest, TheNarrowestPatternWinsWhateverTheOrder) {
  const std::vector<std::string> names{"left_hip", "left_knee", "right_knee"};
  using Values = std::vector<double>;
  EXPECT_EQ(resolve({{".*", 1.0}, {"left_knee", 2.0}}, names, 0.0), (Values{1.0, 2.0, 1.0}));
  EXPECT_EQ(resolve({{"left_.*", 3.0}, {"left_knee", 2.0}, {"z|.*", 1.0}}, names, 0.0),
            (Values{3.0, 2.0, 1.0}));
  EXPECT_EQ(resolve({{".*_knee", 1.0}, {"left_.*", 3.0}, {"left_knee", 2.0}}, names, 0.0),
            (Values{3.0, 2.0, 1.0}));
}

TEST(ResolveTest, PatternsThatOverlapWithoutANarrowestAreRefused) {
  const std::vector<std::string> names{"left_hip", "left_knee", "right_knee"};
  EXPECT_THROW(resolve({{"left_.*", 1.0}, {".*_knee", 2.0}}, names, 0.0), std::runtime_error);
  EXPECT_THROW(resolve({{".*", 1.0}, {".+", 2.0}}, names, 0.0), std::runtime_error);
}

}  // namespace
}  // namespace fleet::sim
