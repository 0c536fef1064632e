#pragma once

#include "cuda/physics/collision.h"
#include "cuda/physics/team/team.h"
#include "cuda/physics/team/team_data.h"

// Collision by a team: a lane tests the bounds of a pair, then a lane works on a pair whose bounds
// touch. Contacts come in the order of their slots, as in the pack schedule.

namespace fleet::physics {

/// Takes what is not kept.
struct Discard {
  FLEET_HD void operator=(const auto&) const {}
};

/// The contacts of one pair, as append() wants a list of them.
template <class R>
struct PairContacts {
  static constexpr int kMax = 8;
  /// All of them exist.
  struct Active {
    FLEET_HD Discard operator[](std::size_t) const { return {}; }
  };
  int num = 0;
  int slot[kMax], pair[kMax];
  Active active;
  R dist[kMax], pos[3 * kMax], frame[9 * kMax];
};

template <class R>
FLEET_HD void write_contact(PhysicsData<R>& d, int at, const PairContacts<R>& found, int i) {
  d.contact.slot[at] = found.slot[i];
  d.contact.pair[at] = found.pair[i];
  d.contact.active[at] = MaskOf<R>(true);
  d.contact.dist[at] = found.dist[i];
  store3(&d.contact.pos[3 * at], load3(&found.pos[3 * i]));
  store9(&d.contact.frame[9 * at], load9(&found.frame[9 * i]));
}

/// Fills d.contact from the geoms' poses; what there is no room for is counted.
template <class Team, class R>
FLEET_HD void collide(const Team& team, const auto& m, TeamData<R>& d) {
  const int num_pairs = m.contacts ? static_cast<int>(m.pair_bounds.size()) : 0;
  const R* const geom_xpos = d.geom_xpos.data();
  const R* const geom_xmat = d.geom_xmat.data();
  const int room = d.max_contacts;
  const int num_candidates = team.place(
      num_pairs,
      [&](int i) { return any(bounds_touch<R>(m.pair_bounds[i], geom_xpos, geom_xmat)) ? 1 : 0; },
      [&](int i, int at, int) { d.candidate[at] = i; });
  const int num = team.place(
      num_candidates,
      [&](int i) {
        PairContacts<R> found;
        collide_pair(m, d.candidate[i], MaskOf<R>(true), geom_xpos, geom_xmat, found);
        return found;
      },
      [&](int, int at, const PairContacts<R>& found) {
        for (int i = 0; i < found.num && at + i < room; ++i) {
          write_contact(d, at + i, found, i);
        }
      });
  team.once([&] {
    d.contact.num = num < room ? num : room;
    d.num_lost += num - d.contact.num;
  });
}

}  // namespace fleet::physics
