#pragma once

#include <map>
#include <string>
#include <vector>

namespace fleet::sim {

/// The value of the pattern that matches each name, `otherwise` where none does. Of several the
/// narrowest wins: the one whose matches are part of those of the others.
/// @throws std::runtime_error on a pattern that matches nothing, or where none is the narrowest
std::vector<double> resolve(const std::map<std::string, double>& by_pattern,
                            const std::vector<std::string>& names, double otherwise);

}  // namespace fleet::sim
