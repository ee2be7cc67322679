"""The table of routes and roles, written by hand from what the product promises."""

from two_towns import ROLES

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
