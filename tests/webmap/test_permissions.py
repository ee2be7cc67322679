"""Who may do what, asked of every route there is: by each role, of its own town and of another."""

import pytest
from sqlalchemy import text
from two_towns import CANARIES, FORMS, OTHER_TOWN, OWN_TOWN, PASSWORD, ROLES, address_of, form_of

from geodata.catalog import COLLECTIONS
from geodata.db import session_on
from geodata.models import Ticket
from geodata.queries.readers import OF_A_READER
from geodata.services import permissions
from geodata.services.users import add_user

# Every route, and for each role whether it is let in: `ok`, `in` (sign in first, 401), `no` (not this role, 403) or
# `404`. Two words with a stroke are about what is the role's own, and about the same in another town. The order of
# the columns is that of ROLES. Written by hand from what the product promises, not from the table of the program.
TABLE = """
                                                          visitor viewer  officer unit    town    planner district admin
GET  /                                                    ok      ok      ok      ok      ok      ok      ok      ok
GET  /static/<path:filename>                              ok      ok      ok      ok      ok      ok      ok      ok
GET  /healthz                                             ok      ok      ok      ok      ok      ok      ok      ok
GET  /readyz                                              ok      ok      ok      ok      ok      ok      ok      ok
GET  /login                                               ok      ok      ok      ok      ok      ok      ok      ok
POST /login                                               ok      ok      ok      ok      ok      ok      ok      ok
POST /logout                                              ok      ok      ok      ok      ok      ok      ok      ok
GET  /openapi.json                                        ok      ok      ok      ok      ok      ok      ok      ok
GET  /where                                               ok      ok      ok      ok      ok      ok      ok      ok
GET  /units                                               ok      ok      ok      ok      ok      ok      ok      ok
GET  /units/<code>                                        ok      ok      ok      ok      ok      ok      ok      ok
GET  /geocoding                                           in      no      no      no      ok      ok      ok      ok
GET  /api/geocoding                                       in      no      no      no      ok      ok      ok      ok
GET  /api/geocoding/ground                                in      no      no      no      ok      ok      ok      ok
GET  /api/geocoding/sure                                  in      no      no      no      ok      ok      ok      ok
POST /api/geocoding/decide                                in      no      no      no      ok/404  ok      ok      ok
POST /api/geocoding/undo                                  in      no      no      no      404     404     404     404
POST /api/geocoding/accept                                in      no      no      no      404     404     404     404
GET  /cooperation                                         ok      ok      ok      ok      ok      ok      ok      ok
GET  /district                                            ok      ok      ok      ok      ok      ok      ok      ok
GET  /district/towns.csv                                  ok      ok      ok      ok      ok      ok      ok      ok
POST /district/figures                                    in      no      no      no      no      no      ok      ok
GET  /registrations                                       in      ok      ok      ok      ok      ok      ok      ok
GET  /registrations/edit                                  in      no      no      no      ok/no   no      ok      ok
POST /registrations/edit                                  in      no      no      no      ok/no   no      ok      ok
GET  /evaluation                                          in      ok      ok      ok      ok      ok      ok      ok
GET  /evaluation/<any(unit, village, town):kind>.csv      in      ok      ok      ok      ok      ok      ok      ok
GET  /evaluation/<any(unit, village, town):kind>/<code>   in      ok/no   ok/no   no      ok/no   ok      ok      ok
GET  /evaluation/weights                                  in      no      no      no      no      no      ok      ok
POST /evaluation/weights                                  in      no      no      no      no      no      ok      ok
POST /evaluation/publish                                  in      no      no      no      no      no      ok      ok
GET  /evaluation/published/<int:run_id>                   in      404     404     404     404     404     404     404
GET  /evaluation/published/<int:run_id>/<code>            in      404     404     404     404     404     404     404
GET  /roster                                              ok      ok      ok      ok      ok      ok      ok      ok
GET  /roster/<any(team, point):of_kind>/<code>            ok      ok      ok      ok      ok      ok      ok      ok
POST /roster                                              in      no      no      no      ok/no   no      ok      ok
POST /roster/<any(team, point):of_kind>/<code>/share      in      no      no      no      ok/no   no      ok      ok
POST /roster/turns/<int:turn_id>/remove                   in      no      no      no      404     no      404     404
GET  /projects                                            ok      ok      ok      ok      ok      ok      ok      ok
GET  /projects/<code>                                     ok      ok      ok      ok      ok      ok      ok      ok
GET  /projects/new                                        in      no      no      no      ok      no      ok      ok
POST /projects/new                                        in      no      no      no      ok/no   no      ok      ok
GET  /projects/<code>/edit                                in      no      no      no      ok/no   no      ok      ok
POST /projects/<code>/edit                                in      no      no      no      ok/no   no      ok      ok
POST /projects/<code>/move                                in      no      no      no      ok/no   no      ok      ok
GET  /resources                                           ok      ok      ok      ok      ok      ok      ok      ok
GET  /resources/new                                       in      no      no      ok      ok      no      ok      ok
POST /resources/new                                       in      no      no      ok/no   ok/no   no      ok      ok
GET  /resources/<code>                                    ok      ok      ok      ok      ok      ok      ok      ok
GET  /resources/<code>/edit                               in      no      no      ok/no   ok/no   no      ok      ok
POST /resources/<code>/edit                               in      no      no      ok/no   ok/no   no      ok      ok
POST /resources/<code>/end                                in      no      no      ok/no   ok/no   no      ok      ok
GET  /demands                                             ok      ok      ok      ok      ok      ok      ok      ok
GET  /demands/new                                         in      no      ok      no      ok      no      ok      ok
POST /demands/new                                         in      no      ok/no   no      ok/no   no      ok      ok
GET  /demands/<code>                                      ok      ok      ok      ok      ok      ok      ok      ok
GET  /demands/<code>/edit                                 in      no      ok/no   no      ok/no   no      ok      ok
POST /demands/<code>/edit                                 in      no      ok/no   no      ok/no   no      ok      ok
POST /demands/<code>/<any(withdraw, reopen):move>         in      no      ok/no   no      ok/no   no      ok      ok
POST /demands/<code>/accept                               in      no      no      no      ok/no   no      ok      ok
POST /demands/<code>/decline                              in      no      no      no      ok/no   no      ok      ok
POST /demands/<code>/propose                              in      no      no      no      ok/no   no      ok      ok
GET  /network                                             ok      ok      ok      ok      ok      ok      ok      ok
GET  /network/<any(membership, convener, seat, contact, pilot):what>/edit \
                                                          in      no      no      no      ok/no   no      ok      ok
POST /network/<any(membership, convener, seat, contact, pilot):what>/edit \
                                                          in      no      no      no      ok/no   no      ok      ok
POST /network/<any(membership, convener, seat, contact, pilot):what>/end \
                                                          in      no      no      no      ok/no   no      ok      ok
GET  /import                                              in      no      no      no      no      ok      ok      ok
POST /import                                              in      no      no      no      no      ok      ok      ok
GET  /import/<file_id>                                    in      no      no      no      no      404     404     404
POST /import/<file_id>                                    in      no      no      no      no      404     404     404
POST /import/<file_id>/run                                in      no      no      no      no      404     404     404
POST /import/<file_id>/discard                            in      no      no      no      no      404     404     404
GET  /import/<file_id>/standing                           in      no      no      no      no      404     404     404
GET  /import/<file_id>/places.geojson                     in      no      no      no      no      404     404     404
GET  /import/<file_id>/problems.csv                       in      no      no      no      no      404     404     404
GET  /imports                                             in      no      no      no      no      ok      ok      ok
GET  /imports/<int:run_id>                                in      no      no      no      no      404     404     404
GET  /duty                                                ok      ok      ok      ok      ok      ok      ok      ok
GET  /duty/<any(region, block, point, team):ground>/<code> \
                                                          ok      ok      ok      ok      ok      ok      ok      ok
POST /duty/<any(region, block, point, team):ground>/<code> \
                                                          in      no      no      no      ok/no   ok      ok      ok
POST /duty/<any(region, block, point, team):ground>/<code>/remove \
                                                          in      no      no      no      ok/no   ok      ok      ok
GET  /duty/<any(region, block, point, team):ground>/new \
                                                          in      no      no      no      ok/no   ok      ok      ok
POST /duty/<any(region, block, point, team):ground>/new \
                                                          in      no      no      no      ok/no   ok      ok      ok
POST /api/duty/check                                      in      no      no      no      ok/no   ok      ok      ok
GET  /pledges                                             ok      ok      ok      ok      ok      ok      ok      ok
GET  /pledges/<code>                                      ok      ok      ok      ok      ok      ok      ok      ok
GET  /pledges/new                                         in      no      no      ok/no   ok/no   no      ok      ok
POST /pledges/new                                         in      no      no      ok/no   ok/no   no      ok      ok
GET  /pledges/<code>/edit                                 in      no      no      ok/no   ok/no   no      ok      ok
POST /pledges/<code>/edit                                 in      no      no      ok/no   ok/no   no      ok      ok
POST /pledges/<code>/end                                  in      no      no      ok/no   ok/no   no      ok      ok
GET  /whistle                                             in      no      ok      ok      ok      ok      ok      ok
POST /whistle                                             in      no      ok/no   no      ok/no   no      ok      ok
GET  /whistle/new                                         in      no      ok      no      ok      no      ok      ok
GET  /whistle/<code>                                      in      no      ok/404  ok/404  ok/404  ok      ok      ok
POST /whistle/<code>/arrive                               in      no      ok/404  ok/404  ok/404  no      ok      ok
POST /whistle/<code>/take-back                            in      no      ok/404  ok/404  ok/404  no      ok      ok
POST /whistle/<code>/tasks                                in      no      ok/404  no      ok/404  no      ok      ok
POST /whistle/<code>/close                                in      no      ok/404  no      ok/404  no      ok      ok
POST /whistle/<code>/cancel                               in      no      ok/404  no      ok/404  no      ok      ok
GET  /meetings                                            in      ok      ok      ok      ok      ok      ok      ok
POST /meetings                                            in      no      no      no      ok/no   no      ok      ok
GET  /meetings/new                                        in      no      no      no      ok      no      ok      ok
GET  /meetings/<code>                                     in      ok      ok      ok      ok      ok      ok      ok
GET  /meetings/<code>/edit                                in      no      no      no      ok/no   no      ok      ok
POST /meetings/<code>/edit                                in      no      no      no      ok/no   no      ok      ok
POST /meetings/<code>/cancel                              in      no      no      no      ok/no   no      ok      ok
POST /meetings/<code>/hold                                in      no      no      no      ok/no   no      ok      ok
POST /meetings/<code>/seats                               in      no      no      no      ok/no   no      ok      ok
POST /meetings/<code>/resolutions                         in      no      no      no      ok/no   no      ok      ok
GET  /resolutions/<int:resolution_id>/ticket              in      no      no      no      ok/no   no      ok      ok
POST /resolutions/<int:resolution_id>/<any(ticket, project, demand, state, words):becomes> \
                                                          in      no      no      no      ok/no   no      ok      ok
GET  /coverage                                            ok      ok      ok      ok      ok      ok      ok      ok
GET  /coverage/areas.csv                                  ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/coverage/try                                    ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/coverage/units/<int:z>/<int:x>/<int:y>.mvt      ok      ok      ok      ok      ok      ok      ok      ok
GET  /poster/<code>                                       ok      ok      ok      ok      ok      ok      ok      ok
GET  /poster/<code>.pdf                                   ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/search                                          ok      ok      ok      ok      ok      ok      ok      ok
GET  /export                                              ok      ok      ok      ok      ok      ok      ok      ok
GET  /export/<collection_id>.<form>                       in      ok      ok      ok      ok      ok      ok      ok
GET  /export/progress/<id_>                               ok      ok      ok      ok      ok      ok      ok      ok
POST /export/progress/<id_>/cancel                        ok      ok      ok      ok      ok      ok      ok      ok
GET  /exports                                             ok      ok      ok      ok      ok      ok      ok      ok
GET  /export/sheets/<kind>.<any(csv, xlsx):form>          ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc                                                 ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/api                                             ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/conformance                                     ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections                                     ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>                     in      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>/queryables          in      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>/schema              in      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>/items               in      ok      ok      ok      ok      ok      ok      ok
POST /ogc/collections/<any(towns, villages, grid_cells, blocks, points):collection_id>/items \
                                                          in      no      no      no      ok      ok      ok      ok
PUT  /ogc/collections/<any(towns, villages, grid_cells, blocks, points):collection_id>/items/<path:feature_id> \
                                                          in      no      no      no      ok/no   ok      ok      ok
PATCH /ogc/collections/<any(towns, villages, grid_cells, blocks, points):collection_id>/items/<path:feature_id> \
                                                          in      no      no      no      ok/no   ok      ok      ok
DELETE /ogc/collections/<any(towns, villages, grid_cells, blocks, points):collection_id>/items/<path:feature_id> \
                                                          in      no      no      no      ok/no   ok      ok      ok
GET  /ogc/collections/<collection_id>/tiles               in      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>/tiles/<tile_matrix_set_id> \
                                                          in      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>/tiles/<tile_matrix_set_id>/<int:z>/<int:y>/<int:x> \
                                                          in      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/tileMatrixSets                                  ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/tileMatrixSets/<tile_matrix_set_id>             ok      ok      ok      ok      ok      ok      ok      ok
GET  /ogc/collections/<collection_id>/items/<path:feature_id> \
                                                          in      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
GET  /api/v1/tickets                                      in      ok      ok      ok      ok      ok      ok      ok
POST /api/v1/tickets                                      in      no      ok      no      ok      no      ok      ok
GET  /api/v1/tickets/<number>                             in      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
GET  /api/v1/tickets/<number>/events                      in      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
GET  /api/v1/tickets/<number>/photos                      in      no      ok/404  ok/404  ok/404  ok      ok      ok
GET  /api/v1/tickets/<number>/photos/<int(max=9223372036854775807):photo_id>.jpg \
                                                          in      no      ok/404  ok/404  ok/404  ok      ok      ok
GET  /api/v1/tickets/<number>/photos/<int(max=9223372036854775807):photo_id>-small.jpg \
                                                          in      no      ok/404  ok/404  ok/404  ok      ok      ok
POST /api/v1/tickets/<number>/moves                       in      no      ok/404  ok/404  ok/404  no      ok      ok
POST /api/v1/tickets/<number>/comments                    in      no      ok/404  ok/404  ok/404  no      ok      ok
GET  /api/v1/tickets/<number>/candidates                  in      no      no      no      ok/404  no      ok      ok
POST /api/v1/tickets/<number>/assignment                  in      no      no      no      ok/404  no      ok      ok
POST /api/v1/assignments                                  in      no      no      no      ok/no   no      ok      ok
GET  /api/v1/where                                        ok      ok      ok      ok      ok      ok      ok      ok
POST /api/v1/geocode                                      in      ok      ok      ok      ok      ok      ok      ok
GET  /api/v1/coverage                                     ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/v1/coverage/gaps                                ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/v1/coverage/trial                               ok      ok      ok      ok      ok      ok      ok      ok
POST /api/v1/siting                                        in      no      no      no      ok      ok      ok      ok
GET  /api/v1/categories                                   ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/v1/units                                        ok      ok      ok      ok      ok      ok      ok      ok
GET  /api/v1/indices                                      in      ok      ok      ok      ok      ok      ok      ok
GET  /api/v1/me                                           in      ok      ok      ok      ok      ok      ok      ok
GET  /api/list/<collection_id>                            in      ok      ok      ok      ok      ok      ok      ok
GET  /api/tickets/counts                                  in      ok      ok      ok      ok      ok      ok      ok
GET  /tiles/<collection_id>/<int:z>/<int:x>/<int:y>.mvt   in      ok      ok      ok      ok      ok      ok      ok
GET  /tiles/several/<collection_ids>/<int:z>/<int:x>/<int:y>.mvt \
                                                          ok      ok      ok      ok      ok      ok      ok      ok
GET  /tickets                                             in      ok      ok      ok      ok      ok      ok      ok
GET  /tickets/<number>                                    in      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
POST /tickets/<number>/assign                             in      no      no      no      ok/404  no      ok      ok
POST /tickets/<number>/merge                              in      no      no      no      ok/404  no      ok      ok
POST /tickets/<number>/place                              in      no      ok/404  ok/404  ok/404  no      ok      ok
POST /tickets/<number>/follow                             in      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
POST /tickets/<number>/unfollow                           in      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
POST /tickets/<number>/handover                           in      no      no      no      ok/404  no      ok      ok
POST /tickets/<number>/handover/revoke                    in      no      no      no      ok/404  no      ok      ok
GET  /h/<token>                                           404     404     404     404     404     404     404     404
GET  /h/<token>/photos/<int(max=9223372036854775807):photo_id>.jpg \
                                                          404     404     404     404     404     404     404     404
POST /h/<token>/<action>                                  404     404     404     404     404     404     404     404
GET  /notices                                             in      ok      ok      ok      ok      ok      ok      ok
POST /notices/read                                        in      ok      ok      ok      ok      ok      ok      ok
POST /notices/<int:notice_id>/read                        in      404     404     404     404     404     404     404
GET  /webhooks                                            in      no      no      no      no      no      no      ok
POST /webhooks                                            in      no      no      no      no      no      no      ok
GET  /webhooks/<int:webhook_id>                           in      no      no      no      no      no      no      404
POST /webhooks/<int:webhook_id>/switch                    in      no      no      no      no      no      no      404
POST /webhooks/<int:webhook_id>/remove                    in      no      no      no      no      no      no      404
POST /webhooks/<int:webhook_id>/test                      in      no      no      no      no      no      no      404
POST /webhooks/<int:webhook_id>/replay                    in      no      no      no      no      no      no      404
POST /imports/<int:run_id>/undo                            in      no      no      no      no      404     404     404
POST /tickets/<number>/<action>                           in      no      ok/404  ok/404  ok/404  no      ok      ok
GET  /indices                                             in      ok      ok      ok      ok      ok      ok      ok
GET  /indices/cells                                       in      ok      ok      ok      ok      ok      ok      ok
GET  /indices/table.csv                                   in      ok      ok      ok      ok      ok      ok      ok
GET  /indices/table.xlsx                                  in      ok      ok      ok      ok      ok      ok      ok
GET  /api/indices                                         in      ok      ok      ok      ok      ok      ok      ok
GET  /report-of/<code>                                    in      ok/404  404     no      ok/404  ok      ok      ok
GET  /report-of/<code>.pdf                                in      ok/404  404     no      ok/404  ok      ok      ok
GET  /rules                                               in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/<category>                                    in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/export.<any(csv, xlsx):form>                  in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/list                                          in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/list/<category>                               in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/list/export.<any(csv, xlsx):form>             in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/limits                                        in      ok      ok      ok      ok      ok      ok      ok
GET  /rules/calendar                                      in      ok      ok      ok      ok      ok      ok      ok
POST /rules/copy                                          in      no      no      no      ok/no   no      ok      ok
GET  /rules/<category>/edit                               in      no      no      no      ok/no   no      ok      ok
POST /rules/<category>/edit                               in      no      no      no      ok/no   no      ok      ok
POST /rules/<category>/end                                in      no      no      no      ok/no   no      ok      ok
POST /rules/list/copy                                     in      no      no      no      ok/no   no      ok      ok
GET  /rules/list/<category>/edit                          in      no      no      no      ok/no   no      ok      ok
POST /rules/list/<category>/edit                          in      no      no      no      ok/no   no      ok      ok
POST /rules/list/<category>/follow                        in      no      no      no      ok/no   no      ok      ok
GET  /rules/limits/<stage>                                in      no      no      no      ok/no   no      ok      ok
POST /rules/limits/<stage>                                in      no      no      no      ok/no   no      ok      ok
POST /rules/limits/<stage>/follow                         in      no      no      no      ok/no   no      ok      ok
POST /rules/calendar/preview                              in      no      no      no      no      no      ok      ok
POST /rules/calendar                                      in      no      no      no      no      no      ok      ok
GET  /assign                                              in      no      no      no      ok      no      ok      ok
POST /assign                                              in      no      no      no      ok      no      ok      ok
POST /assign/selection                                    in      no      no      no      ok      no      ok      ok
GET  /assign/<number>                                     in      no      no      no      ok/404  no      ok      ok
POST /assign/<number>                                     in      no      no      no      ok/404  no      ok      ok
GET  /policy                                              in      no      ok      no      ok      ok      ok      ok
POST /policy/try                                          in      no      ok      no      ok      ok      ok      ok
POST /policy                                              in      no      no      no      ok      no      ok      ok
POST /policy/end                                          in      no      no      no      ok      no      ok      ok
GET  /queue                                               in      no      no      no      ok      no      ok      ok
GET  /api/queue                                           in      no      no      no      ok      no      ok      ok
POST /queue/move                                          in      no      no      no      ok      no      ok      ok
POST /queue/views                                         in      no      no      no      ok      no      ok      ok
POST /queue/views/<int:view_id>/rename                    in      no      no      no      404     no      404     404
POST /queue/views/<int:view_id>/delete                    in      no      no      no      404     no      404     404
GET  /feeds/<any(district, town, village, cell):level>/<code>.<any(atom, rss):syntax> \
                                                          ok      ok      ok      ok      ok      ok      ok      ok
GET  /subscribe                                           ok      ok      ok      ok      ok      ok      ok      ok
POST /subscribe                                           in      ok      ok      ok      ok      ok      ok      ok
POST /subscribe/<int:link_id>/revoke                      in      404     404     404     404     404     404     404
GET  /keys                                                in      ok      ok      ok      ok      ok      ok      ok
POST /keys                                                in      ok      ok      ok      ok      ok      ok      ok
POST /keys/<prefix>/revoke                                in      404     404     404     404     404     404     404
GET  /mine                                                in      no      ok      ok      ok      no      ok      ok
POST /mine/route                                          in      no      ok      ok      ok      no      ok      ok
POST /mine/visits                                         in      no      ok      no      ok      no      ok      ok
GET  /units/<code>/work                                   in      no      ok      ok/404  ok      no      ok      ok
GET  /dashboard                                           in      ok      ok      ok      ok      ok      ok      ok
GET  /dashboard/towns.csv                                 in      ok      ok      ok      ok      ok      ok      ok
GET  /report                                              in      no      ok      no      ok      no      ok      ok
POST /report                                              in      no      ok      no      ok      no      ok      ok
GET  /report/check                                        in      no      ok      no      ok      no      ok      ok
POST /report/follow                                       in      no      ok/404  no      ok/404  no      ok      ok
GET  /report/token                                        in      no      ok      no      ok      no      ok      ok
GET  /report/worker.js                                    ok      ok      ok      ok      ok      ok      ok      ok
GET  /open311/v2/discovery.<any(xml, json):encoding>          ok      ok      ok      ok      ok      ok      ok      ok
GET  /open311/v2/services.<any(xml, json):encoding>           ok      ok      ok      ok      ok      ok      ok      ok
GET  /open311/v2/services/<service_code>.<any(xml, json):encoding> \
                                                          ok      ok      ok      ok      ok      ok      ok      ok
GET  /open311/v2/location.<any(xml, json):encoding>           ok      ok      ok      ok      ok      ok      ok      ok
GET  /open311/v2/tokens/<token>.<any(xml, json):encoding>     ok      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
GET  /open311/v2/requests.<any(xml, json):encoding>           ok      ok      ok      ok      ok      ok      ok      ok
GET  /open311/v2/requests/<service_request_id>.<any(xml, json):encoding> \
                                                          ok      ok/404  ok/404  ok/404  ok/404  ok      ok      ok
POST /open311/v2/requests.<any(xml, json):encoding>           no      no      no      no      no      no      no      no
GET  /open311/v2/servicerequestupdates.<any(xml, json):encoding> \
                                                          ok      ok      ok      ok      ok      ok      ok      ok
POST /open311/v2/servicerequestupdates.<any(xml, json):encoding> \
                                                          no      no      no      no      no      no      no      no
GET  /intake                                              in      no      no      no      ok      no      ok      ok
POST /intake                                              in      no      no      no      ok      no      ok      ok
GET  /tickets/<number>/photos/<int(max=9223372036854775807):photo_id>.jpg \
                                                          in      no      ok/404  ok/404  ok/404  ok      ok      ok
GET  /tickets/<number>/photos/<int(max=9223372036854775807):photo_id>-small.jpg \
                                                          in      no      ok/404  ok/404  ok/404  ok      ok      ok
"""


# The words of the table as statuses. A move that the ticket's state does not allow has been let in as well,
# and so has a change that is sent in another form, or without the version that it changes.
LET_IN = frozenset({200, 201, 204, 302, 409, 415, 422, 428})
STATUSES = {"ok": LET_IN, "in": {401}, "no": {403}, "404": {404}}


def lines():
    """Routes of the table: (method, rule), and words by role."""
    for line in TABLE.strip().splitlines()[1:]:
        method, *rule = line.split()
        words = rule[-len(ROLES) :]
        yield (method, " ".join(rule[: -len(ROLES)])), dict(zip(ROLES, words, strict=True))


def routes(app):
    """All (method, rule) of the application."""
    return {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_every_route_stands_in_the_table_and_no_other(world):
    known = [route for route, _words in lines()]
    assert len(known) == len(set(known))
    assert set(known) == routes(world.app), "a new route needs its line in TABLE: who is let in, and to what"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("route", "words"), [pytest.param(route, words, id=" ".join(route)) for route, words in lines()]
)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(world, route, words, role):
    method, rule = route
    own, _, other = words[role].partition("/")
    for is_other, word in enumerate((own, other or own)):
        before = world.stored() if word != "ok" else None
        answer = world.ask(
            role,
            method,
            address_of(rule, other=bool(is_other), method=method),
            form_of(rule, other=bool(is_other)) if method == "POST" else None,
        )
        assert answer.status_code in STATUSES[word], (word, answer.text[:300])
        if word != "ok":
            assert world.stored() == before


# Collections that are not for everybody, and who is let in; by hand, like the table above.
SIGNED_IN = {"visitor": 401}
GUARDED = {
    "tickets": SIGNED_IN,
    "meetings": SIGNED_IN,
    "whistle_calls": {"visitor": 401, "viewer": 403},
    "registrations": SIGNED_IN,
    "registrations_of_towns": SIGNED_IN,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda each: each.id)
def test_a_collection_is_for_everybody_unless_it_is_guarded(world, role, collection):
    expected = GUARDED.get(collection.id, {}).get(role, 200)
    for address in (f"/export/{collection.id}.geojson", f"/api/list/{collection.id}"):
        assert world.get(role, address).status_code == expected
    assert world.get(role, f"/tiles/{collection.id}/0/0/0.mvt").status_code in {expected, 204}


@pytest.mark.parametrize("id_", ["tickets", *sorted(OF_A_READER)])
def test_no_joint_tile_holds_what_is_not_the_same_for_everybody(world, id_):
    assert world.get("admin", f"/tiles/several/towns,{id_}/12/0/0.mvt").status_code == 404


def test_a_joint_tile_is_for_those_who_may_read_all_of_it(world):
    assert world.get("visitor", "/tiles/several/towns,meetings/12/0/0.mvt").status_code == 401


def test_an_office_reports_in_its_own_town_only(world):
    form = FORMS["/report"] | {"lon": "121.435", "seen": " ".join(world.numbers.values())}
    refused = world.ask("town_office", "POST", "/report", form)
    assert refused.status_code == 422
    assert "该位置属于其他街镇" in refused.text


def test_an_officer_sees_what_they_reported_themselves_wherever_it_lies(world):
    form = FORMS["/report"] | {"lon": "121.425", "lat": "31.115", "title": "隔壁街镇的占道"}
    answer = world.ask("officer", "POST", "/report", form)
    assert answer.status_code == 302
    assert "隔壁街镇的占道" in world.get("officer", answer.location).text
    assert world.get("town_office", answer.location).status_code == 404


# -- nothing is taken from a form but what it asks for -------------------------------------------------

SMUGGLED = {
    "id": "1",
    "number": "20000101-000001",
    "state": "closed",
    "role": "admin",
    "actor": "admin",
    "scope": "",
    "town_code": OTHER_TOWN,
    "unit_id": "1",
    "assignee": "admin",
    "reported_by": "admin",
    "reported_at": "2000-01-01",
    "created_at": "2000-01-01",
    "closed_at": "2000-01-01",
}


def test_what_a_form_does_not_ask_for_is_not_stored(world):
    form = FORMS["/report"] | {"lat": "31.118", "title": "夹带"} | SMUGGLED
    answer = world.ask("officer", "POST", "/report", form)
    number = answer.location.rpartition("/")[2]
    assert number != SMUGGLED["number"]
    with session_on(world.engine) as session:
        made = session.query(Ticket).filter_by(number=number).one()
        assert (made.town_code, made.reported_by, made.closed_at, made.reported_at.year > 2000) == (
            OWN_TOWN,
            "officer",
            None,
            True,
        )
        assert made.state != "closed"
        actors = session.execute(
            text("SELECT DISTINCT actor FROM ticket_event WHERE ticket_id = :id"), {"id": made.id}
        ).scalars()
        assert set(actors) == {"officer"}


@pytest.mark.parametrize(("role", "action"), [("unit", "close"), ("officer", "cancel"), ("unit", "supervise")])
def test_a_role_that_is_sent_along_with_a_move_is_not_believed(world, role, action):
    before = world.stored()
    answer = world.ask(role, "POST", f"/tickets/OWN/{action}", {"reason": "x"} | SMUGGLED)
    assert answer.status_code in {403, 409}
    assert world.stored() == before


# -- the table of the program ----------------------------------------------------------------------------

OFFICES = {"town_office", "district", "admin"}
SIGNED_IN = set(ROLES[1:])
HOLDERS = {
    "map.read": {"visitor"} | SIGNED_IN,
    "ticket.read": SIGNED_IN,
    "contact.read": {"officer", "planner"} | OFFICES,
    "ticket.report": {"officer"} | OFFICES,
    "ticket.intake": OFFICES,
    "ticket.assign": OFFICES,
    "ticket.handle": {"officer", "unit"} | OFFICES,
    "ticket.check": {"officer"} | OFFICES,
    "ticket.supervise": OFFICES,
    "ticket.approve": OFFICES,
    "ticket.merge": OFFICES,
    "ticket.handover": OFFICES,
    "ticket.follow": SIGNED_IN,
    "ticket.export": SIGNED_IN,
    "photo.read": SIGNED_IN - {"viewer"},
    "policy.read": {"officer", "planner"} | OFFICES,
    "policy.set": OFFICES,
    "rule.set": OFFICES,
    "siting.ask": {"planner"} | OFFICES,
    "index.read": SIGNED_IN,
    "report.read": SIGNED_IN - {"unit"},
    "address.find": SIGNED_IN,
    "place.decide": {"planner"} | OFFICES,
    "webhook.set": {"admin"},
    "user.set": {"admin"},
    "key.own": SIGNED_IN,
    "notice.read": SIGNED_IN,
    "view.save": SIGNED_IN,
    "network.set": OFFICES,
    "ground.set": {"planner"} | OFFICES,
    "area.set": {"planner"} | (OFFICES - {"town_office"}),
    "project.set": OFFICES,
    "resource.set": {"unit"} | OFFICES,
    "demand.set": {"officer"} | OFFICES,
    "match.decide": OFFICES,
    "pledge.set": {"unit"} | OFFICES,
    "registration.read": SIGNED_IN,
    "registration.set": OFFICES,
    "meeting.read": SIGNED_IN,
    "meeting.set": OFFICES,
    "whistle.read": {"officer", "unit", "planner"} | OFFICES,
    "whistle.call": {"officer"} | OFFICES,
    "whistle.answer": {"officer", "unit"} | OFFICES,
    "evaluation.read": SIGNED_IN,
    "evaluation.set": {"district", "admin"},
    "roster.set": OFFICES,
    "figure.set": {"district", "admin"},
    "data.import": {"planner", "district", "admin"},
    "open311.read": {"visitor"} | SIGNED_IN,
}


def test_each_action_is_held_by_those_whom_the_house_trusts_with_it():
    assert {action: set(permissions.roles_with(action)) for action in permissions.table()} == HOLDERS


@pytest.mark.parametrize("action", [action for action in HOLDERS if action.startswith("ticket.")])
def test_no_office_of_a_town_and_nobody_in_the_field_acts_beyond_their_own(action):
    far = {role for role in ("viewer", "officer", "unit", "town_office") if permissions.reach(action, role) == "all"}
    # whatever an officer walks past may be reported
    assert far == ({"officer"} if action == "ticket.report" else set())


def test_a_planner_of_one_area_reads_no_contacts(world):
    with session_on(world.engine) as session:
        add_user(session, "near", password=PASSWORD, role="planner", area_code=OWN_TOWN)
    browser = world.app.test_client()
    browser.post("/login", data={"name": "near", "password": PASSWORD})
    assert CANARIES["member_unit.liaison_phone"] not in browser.get("/units/U1").text
    assert CANARIES["member_unit.liaison_phone"] in world.get("planner", "/units/U1").text
