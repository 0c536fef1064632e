#include "sim/patterns.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "sim/model.h"

namespace fleet::sim {
namespace {

/// A pattern of a map, and which of the names it matches.
struct Claim {
  const std::string* pattern;
  double value;
  std::vector<bool> matched;

  std::ptrdiff_t count() const { return std::ranges::count(matched, true); }
  bool is_narrower_than(const Claim& other) const {
    for (std::size_t i = 0; i < matched.size(); ++i) {
      if (matched[i] && !other.matched[i]) {
        return false;
      }
    }
    return count() < other.count();
  }
};

std::vector<Claim> find_claims(const std::map<std::string, double>& by_pattern,
                               const std::vector<std::string>& names) {
  std::vector<Claim> claims;
  for (const auto& [pattern, value] : by_pattern) {
    Claim claim{.pattern = &pattern, .value = value, .matched = {}};
    for (const std::string& name : names) {
      claim.matched.push_back(matches(name, pattern));
    }
    if (std::ranges::find(claim.matched, true) == claim.matched.end()) {
      throw std::runtime_error('\'' + pattern + "' matches no joint");
    }
    claims.push_back(std::move(claim));
  }
  return claims;
}

}  // namespace

std::vector<double> resolve(const std::map<std::string, double>& by_pattern,
                            const std::vector<std::string>& names, double otherwise) {
  const std::vector<Claim> claims = find_claims(by_pattern, names);
  std::vector<double> values(names.size(), otherwise);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Claim* narrowest = nullptr;
    for (const Claim& claim : claims) {
      if (claim.matched[i] && (narrowest == nullptr || claim.count() < narrowest->count())) {
        narrowest = &claim;
      }
    }
    for (const Claim& claim : claims) {
      if (claim.matched[i] && &claim != narrowest && !narrowest->is_narrower_than(claim)) {
        throw std::runtime_error('\'' + names[i] + "' is matched by both '" + *narrowest->pattern +
                                 "' and '" + *claim.pattern + "', and neither is the narrower one");
      }
    }
    values[i] = narrowest != nullptr ? narrowest->value : otherwise;
  }
  return values;
}

}  // namespace fleet::sim
